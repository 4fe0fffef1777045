from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import needs
from backups import services
from backups.browsing import browsed
from backups.bulk.actions import BAR
from backups.forms import BackupForm, PutBackForm, RestoreForm
from backups.kinds import by_kind
from backups.models import Kind
from backups.networks import views as networks
from backups.offer import offer_of
from backups.overview import overview
from backups.records import info_of
from backups.rehearsal import plan_rehearsal, request_rehearsal
from backups.retention.alarm import take_note
from backups.uploads import Outcome, receive_each
from backups.verification import request_verify
from backups.volumes import views as volumes
from containermonkey.uploads import announced, incoming_files


@require_safe
def list_backups(request: HttpRequest) -> HttpResponse:
    asked = {
        name: request.GET.get(name, "")[:300] for name in ("search", "container", "kind", "sort")
    }
    found = overview(**asked, page=request.GET.get("page", "1"))
    template = "backups/list.html#listing" if request.htmx else "backups/list.html"
    return render(request, template, {"overview": found, "bulk_actions": BAR, **asked})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("backup.upload")
def upload(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "backups/upload.html")
    outcomes = list(receive_each(incoming_files(request), announced(request)))
    for outcome in outcomes:
        tell(request, outcome)
    if not outcomes:
        messages.info(request, "No file was chosen.")
    return redirect("backups:list" if outcomes else "backups:upload")


def tell(request: HttpRequest, outcome: Outcome) -> None:
    level = messages.ERROR if outcome.problem else messages.SUCCESS
    messages.add_message(request, level, outcome.sentence)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("backup.request")
def create(request: HttpRequest, container: str) -> HttpResponse:
    form = BackupForm(request, container)
    job = form.save()
    if job:
        messages.success(request, f"The backup of {job.subject} is in the queue.")
        return redirect("jobs:detail", job.progress_id)
    context = {"form": form, "offer": offer_of(container)}
    return render(request, "backups/create.html", context, status=form.status)


@require_safe
@by_kind({Kind.NETWORK: networks.detail, Kind.VOLUME: volumes.detail})
def detail(request: HttpRequest, filename: str) -> HttpResponse:
    found = browsed(filename, request.GET.get("path", ""), request.GET.get("page", ""))
    template = "backups/detail.html#files" if request.htmx else "backups/detail.html"
    return render(request, template, vars(found))


@require_http_methods(["GET", "HEAD", "POST"])
@by_kind({Kind.NETWORK: networks.restore, Kind.VOLUME: volumes.restore})
@needs("restore.request")
def restore(request: HttpRequest, filename: str) -> HttpResponse:
    form = RestoreForm(request, info_of(services.find_backup(filename)))
    job = form.save()
    if job:
        messages.success(request, f"The restore of {job.subject} is in the queue.")
        return redirect("jobs:detail", job.progress_id)
    template = "backups/restore.html#plan" if request.htmx else "backups/restore.html"
    return render(request, template, {"form": form, "backup": form.backup}, status=form.status)


@require_POST
@needs("verify.request")
def verify(request: HttpRequest, filename: str) -> HttpResponse:
    job = request_verify(filename, request.user)
    messages.success(request, f"The check of {filename} is in the queue.")
    return redirect("jobs:detail", job.progress_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("put_back.request")
def put_back(request: HttpRequest, filename: str) -> HttpResponse:
    form = PutBackForm(request, filename)
    job = form.save()
    if job:
        messages.success(request, f"Putting back into {job.subject} is in the queue.")
        return redirect("jobs:detail", job.progress_id)
    backup = info_of(services.find_backup(filename))
    context = {"form": form, "plan": form.plan, "backup": backup}
    return render(request, "backups/put_back.html", context, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("rehearsal.request")
def rehearse(request: HttpRequest, filename: str) -> HttpResponse:
    if request.method == "POST":
        job = request_rehearsal(filename, request.user)
        messages.success(request, f"The rehearsal of {job.subject} is in the queue.")
        return redirect("jobs:detail", job.progress_id)
    backup = info_of(services.find_backup(filename))
    context = {"backup": backup, "plan": plan_rehearsal(filename)}
    return render(request, "backups/rehearse.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("backup.delete")
def delete(request: HttpRequest, filename: str) -> HttpResponse:
    backup = info_of(services.find_backup(filename))
    if request.method == "POST":
        services.delete_backup(filename)
        messages.success(request, f"Deleted the backup {filename}.")
        return redirect("backups:list")
    return render(
        request,
        "backups/delete.html",
        {
            "backup": backup,
            "title": f"Delete this backup of {backup.container_name}?",
            "submit": "Delete",
            "cancel_url": reverse("backups:detail", args=[filename]),
        },
    )


@require_POST
@needs("backup.alarm_seen")
def seen_smaller(request: HttpRequest, filename: str) -> HttpResponse:
    backup = services.find_backup(filename)
    take_note(backup)
    messages.success(request, f"Noted: {backup.container_name} is meant to be this small.")
    return redirect("backups:detail", filename)

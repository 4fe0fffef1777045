from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.audit import require
from accounts.rights import needs
from backups.bulk import checking, deleting, services
from backups.bulk.actions import tell_asked, tell_deleted
from backups.bulk.forms import WORD, DeleteForm
from backups.models import Backup
from backups.overview import loss_of
from backups.scanning import forget_missing, request_scan, survey
from containermonkey.figures import counted
from containermonkey.problems import Invalid


@require_POST
@needs("backup.bulk")
def act(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.getlist("filename")
    if not chosen:
        messages.info(request, "No backup was selected.")
        return redirect("backups:list")
    acts = {"delete": ask_and_delete, "download": download, "verify": verify}
    action = request.POST.get("action", "")
    if action not in acts:
        reason = f"must be one of {', '.join(acts)}"
        raise Invalid(f"The action {reason}.", fields={"action": reason})
    return acts[action](request, chosen)


def download(request: HttpRequest, chosen: list[str]) -> HttpResponse:
    prepared = services.prepare(int(request.user.pk or 0), chosen)
    return redirect("api:download_all", prepared.download_id)


def verify(request: HttpRequest, chosen: list[str]) -> HttpResponse:
    checks = checking.verify_each(chosen, request.user)
    tell_asked(request, checks)
    return redirect("jobs:list" if checks.asked else "backups:list")


def ask_and_delete(request: HttpRequest, chosen: list[str]) -> HttpResponse:
    form = DeleteForm(request.POST)
    if form.is_valid():
        tell_deleted(request, deleting.delete_each(chosen))
        return redirect("backups:list")
    require("backup.delete")
    asked = Backup.objects.filter(filename__in=chosen)
    context = question(form, asked, answered="confirm" in request.POST)
    context |= {"chosen": [backup.filename for backup in asked], "action": reverse("backups:bulk")}
    return render(request, "backups/bulk/delete.html", context, status=context["status"])


@require_http_methods(["GET", "HEAD", "POST"])
@needs("backup.delete")
def delete_all(request: HttpRequest) -> HttpResponse:
    form = DeleteForm(request.POST)
    if request.method == "POST" and form.is_valid():
        tell_deleted(request, deleting.delete_all())
        return redirect("backups:list")
    context = question(form, Backup.objects.all(), answered=request.method == "POST")
    return render(request, "backups/bulk/delete.html", context, status=context["status"])


def question(form: DeleteForm, backups: QuerySet[Backup], *, answered: bool) -> dict[str, Any]:
    loss = loss_of(backups)
    return {
        "title": f"Delete {counted(loss.count, 'backup') if loss.count else 'backups'}?",
        "loss": loss,
        "must_type": WORD if loss.count else "",
        "typed": form.data.get("confirm", "") if answered else "",
        "error": form.errors["confirm"][0] if answered else "",
        "submit": f"Delete {counted(loss.count, 'backup')}",
        "cancel_url": reverse("backups:list"),
        "status": 422 if answered else 200,
    }


@require_POST
@needs("scan.request")
def scan(request: HttpRequest) -> HttpResponse:
    job = request_scan(request.user)
    messages.success(request, "The backup directory is being looked through.")
    return redirect("jobs:detail", job.progress_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("backup.forget")
def forget(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        messages.success(request, f"{counted(len(forget_missing()), 'backup')} taken off the list.")
        return redirect("backups:list")
    missing = survey().missing
    context = {
        "title": f"Take {counted(len(missing), 'backup') if missing else 'backups'} off the list?",
        "missing": missing,
        "submit": "Take off the list",
        "cancel_url": reverse("backups:list"),
    }
    return render(request, "backups/bulk/forget.html", context)

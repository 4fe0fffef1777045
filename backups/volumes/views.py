from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.rights import needs
from backups import services
from backups.records import info_of
from backups.volumes.capture import offer_of_volume
from backups.volumes.forms import CloneForm, VolumeBackupForm, VolumeRestoreForm
from backups.volumes.preview import browsed_volume


@require_http_methods(["GET", "HEAD", "POST"])
@needs("volume_clone.request")
def clone(request: HttpRequest, name: str) -> HttpResponse:
    form = CloneForm(request, name)
    job = form.save()
    if job:
        messages.success(request, f"The clone of {job.subject} is in the queue.")
        return redirect("jobs:detail", job.progress_id)
    context = {
        "title": f"Clone the volume {form.plan.subject.name}",
        "form": form,
        "submit": "Clone",
        "harmless": True,
        "cancel_url": reverse("volumes:detail", args=[form.plan.subject.name]),
    }
    return render(request, "backups/by_volume/clone.html", context, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("backup.request")
def back_up(request: HttpRequest, name: str) -> HttpResponse:
    form = VolumeBackupForm(request, name)
    job = form.save()
    if job:
        messages.success(request, f"The backup of {job.subject} is in the queue.")
        return redirect("jobs:detail", job.progress_id)
    subject = offer_of_volume(name)
    context = {
        "title": f"Back up the volume {subject.name}",
        "form": form,
        "subject": subject,
        "submit": "Back up",
        "harmless": True,
        "cancel_url": reverse("volumes:detail", args=[subject.name]),
    }
    return render(request, "backups/by_volume/create.html", context, status=form.status)


def detail(request: HttpRequest, filename: str) -> HttpResponse:
    found = browsed_volume(filename, request.GET.get("path", ""), request.GET.get("page", ""))
    template = "backups/detail.html#files" if request.htmx else "backups/by_volume/detail.html"
    return render(request, template, vars(found))


def restore(request: HttpRequest, filename: str) -> HttpResponse:
    form = VolumeRestoreForm(request, info_of(services.find_backup(filename)))
    job = form.save()
    if job:
        messages.success(request, f"The restore of {job.subject} is in the queue.")
        return redirect("jobs:detail", job.progress_id)
    template = "backups/restore.html#plan" if request.htmx else "backups/by_volume/restore.html"
    return render(request, template, {"form": form, "backup": form.backup}, status=form.status)

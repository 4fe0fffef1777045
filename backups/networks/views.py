from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import needs
from backups import services
from backups.networks.capture import back_up_network
from backups.networks.forms import NetworkRestoreForm, NetworkUploadForm
from backups.networks.preview import facts, saved_network
from backups.records import info_of
from containermonkey.addresses import is_local_path


@require_POST
@needs("network.backup")
def create(request: HttpRequest, reference: str) -> HttpResponse:
    backup = back_up_network(reference)
    messages.success(request, f"Backed up the network {backup.container_name[:80]}")
    page = request.POST.get("next", "")
    return redirect(page if is_local_path(page) else "networks:list")


def detail(request: HttpRequest, filename: str) -> HttpResponse:
    backup = info_of(services.find_backup(filename))
    saved = saved_network(filename)
    context = {"backup": backup, "manifest": saved.manifest, "saved": saved, "facts": facts(saved)}
    return render(request, "backups/networks/detail.html", context)


def restore(request: HttpRequest, filename: str) -> HttpResponse:
    form = NetworkRestoreForm(request, info_of(services.find_backup(filename)))
    restored = form.save()
    if restored:
        messages.success(request, f"The network {restored.network.name[:80]} is back.")
        for sentence in restored.report:
            messages.warning(request, sentence)
        return redirect("networks:list")
    template = "backups/restore.html#plan" if request.htmx else "backups/networks/restore.html"
    return render(request, template, {"form": form, "backup": form.backup}, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("network.upload")
def upload(request: HttpRequest) -> HttpResponse:
    form = NetworkUploadForm(request)
    backup = form.save()
    if backup:
        messages.success(request, f"Took in the backup of {backup.container_name[:80]}")
        return redirect("backups:detail", backup.filename)
    context = {
        "title": "Upload a backup of a network",
        "text": "It is checked whole before it is listed. Nothing is restored by that.",
        "form": form,
        "submit": "Upload",
        "harmless": True,
        "cancel_url": reverse("networks:list"),
    }
    return render(request, "backups/networks/upload.html", context, status=form.status)

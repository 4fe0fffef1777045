from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import needs
from backups.sets.forms import SetRestoreForm
from backups.sets.queries import find_set


@require_safe
def detail(request: HttpRequest, set_id: UUID) -> HttpResponse:
    return render(request, "backups/sets/detail.html", {"found": find_set(set_id)})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stack_restore.request")
def restore(request: HttpRequest, set_id: UUID) -> HttpResponse:
    form = SetRestoreForm(request, find_set(set_id))
    job = form.save()
    if job:
        messages.success(request, f"The restore of the stack {job.subject} is in the queue.")
        return redirect("jobs:detail", job.progress_id)
    template = "backups/restore.html#plan" if request.htmx else "backups/sets/restore.html"
    return render(request, template, {"form": form, "found": form.found}, status=form.status)

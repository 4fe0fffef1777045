from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from backups.services import last_backups
from backups.sets.offer import stack_offer_of
from backups.sets.queries import newest_sets, sets_of
from stacks import services
from stacks.forms import StackBackupForm
from stacks.presentation import rows_of


@require_safe
def list_stacks(request: HttpRequest) -> HttpResponse:
    rows = rows_of(services.stacks_and_lost_ones(), newest_sets())
    return render(request, "stacks/list.html", {"rows": rows})


@require_safe
def detail(request: HttpRequest, name: str) -> HttpResponse:
    stack = services.find_stack(name)
    context = {"stack": stack, "sets": sets_of(name), "last_backups": last_backups()}
    return render(request, "stacks/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def back_up(request: HttpRequest, name: str) -> HttpResponse:
    form = StackBackupForm(request, name)
    job = form.save()
    if job:
        messages.success(request, f"The backup of the stack {job.subject} is in the queue.")
        return redirect("jobs:detail", job.progress_id)
    context = {"form": form, "offer": stack_offer_of(name)}
    return render(request, "stacks/backup.html", context, status=form.status)

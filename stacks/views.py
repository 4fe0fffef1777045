from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import needs
from backups.services import last_backups
from backups.sets.offer import stack_offer_of
from backups.sets.queries import sets_of
from containermonkey.bulk import tell_failures
from containermonkey.listing import kept
from stacks import acts, deleting, services
from stacks.acts import Result
from stacks.bulk.services import BAR
from stacks.files import is_kept
from stacks.forms import StackBackupForm
from stacks.overview import overview
from stacks.presentation import counted, deletion_of, look_of


@require_safe
def list_stacks(request: HttpRequest) -> HttpResponse:
    asked = {
        "search": request.GET.get("search", "")[:300],
        "sort": request.GET.get("sort", "name")[:30],
    }
    seen = overview(**asked, page=request.GET.get("page", "1")[:10])
    template = "stacks/list.html#listing" if request.htmx else "stacks/list.html"
    context = asked | {"seen": seen, "page": seen.page, "kept": kept(asked), "bulk_actions": BAR}
    return render(request, template, context)


@require_safe
def detail(request: HttpRequest, name: str) -> HttpResponse:
    stack = services.find_stack(name)
    sets = sets_of(name)
    context = {
        "stack": stack,
        "look": look_of(stack, is_saved=bool(sets)),
        "sets": sets,
        "last_backups": last_backups(),
        "is_deployed": is_kept(name),
    }
    return render(request, "stacks/detail.html", context)


@require_POST
@needs("stack.start")
def start(request: HttpRequest, name: str) -> HttpResponse:
    return told(request, name, "Started", acts.start_stack(name))


@require_POST
@needs("stack.stop")
def stop(request: HttpRequest, name: str) -> HttpResponse:
    return told(request, name, "Stopped", acts.stop_stack(name))


@require_POST
@needs("stack.restart")
def restart(request: HttpRequest, name: str) -> HttpResponse:
    return told(request, name, "Restarted", acts.restart_stack(name))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stack.delete")
def delete(request: HttpRequest, name: str) -> HttpResponse:
    if request.method == "POST":
        results = deleting.delete_stack(name, volumes="volumes" in request.POST)
        return told(request, name, "Deleted", results)
    stack, found = deleting.what_goes(name)
    return render(request, "stacks/delete.html", deletion_of(stack, found))


def told(request: HttpRequest, name: str, done: str, results: list[Result]) -> HttpResponse:
    """Say what was done and what was not, on the page of what is left."""
    if succeeded := [result for result in results if result.success]:
        messages.success(request, f"{done} {counted(succeeded)} of {name[:80]}")
    failed = [result for result in results if not result.success]
    reasons = [f"{result.name}: {result.error}" for result in failed]
    tell_failures(request, f"{counted(failed)} failed.", reasons)
    here = any(stack.name == name for stack in services.stacks_and_lost_ones())
    return redirect("stacks:detail", name) if here else redirect("stacks:list")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stack_backup.request")
def back_up(request: HttpRequest, name: str) -> HttpResponse:
    offer = stack_offer_of(name)
    form = StackBackupForm(request, offer)
    job = form.save()
    if job:
        messages.success(request, f"The backup of the stack {job.subject} is in the queue.")
        return redirect("jobs:detail", job.progress_id)
    context = {"form": form, "offer": offer}
    return render(request, "stacks/backup.html", context, status=form.status)

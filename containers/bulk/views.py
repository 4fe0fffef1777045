from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.audit import require
from accounts.rights import needs
from containermonkey.addresses import is_local_path
from containermonkey.bulk import tell_failures
from containermonkey.figures import counted
from containers.annotations import last_backups
from containers.bulk.actions import Action, Options
from containers.bulk.services import Result, act_on_all, action_named
from containers.queries import ALIVE, all_containers


@require_POST
@needs("container.bulk")
def act(request: HttpRequest) -> HttpResponse:
    action = action_named(request.POST.get("action", ""))
    chosen = request.POST.getlist("id")
    if not chosen:
        messages.info(request, "No container was selected.")
        return redirect(back_to(request))
    if action.danger and "confirmed" not in request.POST:
        return ask(request, action, chosen)
    options = Options(force="force" in request.POST, volumes="volumes" in request.POST)
    tell(request, action, act_on_all(action.name, chosen, options))
    return redirect(back_to(request))


def ask(request: HttpRequest, action: Action, chosen: list[str]) -> HttpResponse:
    """The question before what cannot be taken back, for those who may do it."""
    require(action.needs)
    found = [each for each in all_containers() if {each.id, each.short_id, each.name} & {*chosen}]
    backed_up = last_backups()
    context: dict[str, Any] = {
        "title": f"{action.label} {counted(len(found), 'container')}?",
        "action": reverse("containers:bulk"),
        "verb": action.name,
        "found": [(each, backed_up.get(each.name)) for each in found],
        "running": sum(1 for each in found if each.status in ALIVE),
        "next": back_to(request),
        "submit": action.label,
        "cancel_url": back_to(request),
    }
    return render(request, "containers/bulk/confirm.html", context)


def tell(request: HttpRequest, action: Action, results: list[Result]) -> None:
    """One message for what went well, one for what did not."""
    done = sum(1 for each in results if each.success)
    reasons = [str(each.error) for each in results if not each.success]
    if done:
        messages.success(request, f"{action.done} {counted(done, 'container')}")
    tell_failures(request, f"{action.label}: {counted(len(reasons), 'container')} failed.", reasons)


def back_to(request: HttpRequest) -> str:
    page = request.POST.get("next", "")
    return page if is_local_path(page) else reverse("containers:list")

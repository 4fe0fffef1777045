from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.audit import require
from accounts.rights import needs
from containermonkey.bulk import tell_failures
from containermonkey.figures import counted
from stacks.bulk.presentation import deletion_of_all
from stacks.bulk.services import MOST, Action, Options, Result, act_on_all, action_named
from stacks.deleting import what_all_goes


@require_POST
@needs("stack.bulk")
def act(request: HttpRequest) -> HttpResponse:
    name, chosen = request.POST.get("action", ""), request.POST.getlist("id")
    action = action_named(name)
    if not chosen:
        messages.info(request, "No stack was selected.")
        return redirect("stacks:list")
    if name == "delete" and "confirmed" not in request.POST:
        require("stack.delete")
        context = deletion_of_all(what_all_goes(chosen[:MOST]))
        return render(request, "stacks/delete_several.html", context)
    options = Options(volumes="volumes" in request.POST, user=request.user)
    return told(request, action, act_on_all(name, chosen, options))


def told(request: HttpRequest, action: Action, results: list[Result]) -> HttpResponse:
    if done := sum(1 for result in results if result.success):
        messages.success(request, f"{action.done} {counted(done, 'stack')}")
    reasons = [f"{result.name}: {result.error}" for result in results if not result.success]
    tell_failures(request, f"{counted(len(reasons), 'stack')} failed.", reasons)
    return redirect("stacks:list")

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.rights import needs
from stacks.redeploy.services import look_ahead, request_stack_redeploy


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stack_redeploy.request")
def redeploy(request: HttpRequest, name: str) -> HttpResponse:
    if request.method == "POST":
        job = request_stack_redeploy(name, pull="pull" in request.POST, user=request.user)
        messages.success(request, f"The redeploy of the stack {job.subject} is in the queue.")
        return redirect("jobs:detail", job.progress_id)
    plan = look_ahead(name, pull=request.GET.get("pull", "yes") != "no")
    context = {"plan": plan, "cancel_url": reverse("stacks:detail", args=[plan.stack.name])}
    return render(request, "stacks/redeploy.html", context)

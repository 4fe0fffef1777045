from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.rights import needs
from containers.redeploy.services import look_ahead, request_redeploy


@require_http_methods(["GET", "HEAD", "POST"])
@needs("redeploy.request")
def redeploy(request: HttpRequest, reference: str) -> HttpResponse:
    if request.method == "POST":
        job = request_redeploy(reference, pull="pull" in request.POST, user=request.user)
        messages.success(request, f"The redeploy of {job.subject} is in the queue.")
        return redirect("jobs:detail", job.progress_id)
    pull = request.GET.get("pull", "yes") != "no"
    plan = look_ahead(reference, pull=pull)
    context = {"plan": plan, "cancel_url": reverse("containers:detail", args=[plan.name])}
    return render(request, "containers/redeploy/confirm.html", context)

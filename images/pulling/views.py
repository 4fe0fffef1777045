from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.rights import needs
from images.pulling.forms import PullForm


@require_http_methods(["GET", "HEAD", "POST"])
@needs("image_pull.request")
def pull(request: HttpRequest) -> HttpResponse:
    form = PullForm(request)
    job = form.save()
    if job:
        where = "in the queue" if job.pending else "going on already"
        messages.success(request, f"The pull of {job.subject} is {where}.")
        return redirect("jobs:detail", job.progress_id)
    return render(request, "images/pulling/pull.html", {"form": form}, status=form.status)

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import needs
from jobs import presentation, services
from jobs.history import history

CHOICES = ("search", "kind", "status", "container")


@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:300] for name in CHOICES}
    context = {
        "current": presentation.in_queue(services.current_jobs().defer("log")),
        "history": history(**asked, page=request.GET.get("page", "1")),
        "worker_is_alive": services.worker_is_alive(),
        "words": " ".join(filter(None, asked.values())),
        **asked,
    }
    template = "jobs/list.html"
    return render(request, f"{template}#jobs" if request.htmx else template, context)


@require_safe
def detail(request: HttpRequest, progress_id: UUID) -> HttpResponse:
    job = services.find_job(progress_id)
    number = services.progress_of(job).queue_position
    place = presentation.Place(number, services.job_before(job)) if number else None
    context = {"job": presentation.told(job, place), "facts": presentation.facts(job)}
    template = "jobs/detail.html"
    return render(request, f"{template}#job" if request.htmx else template, context)


@require_POST
@needs("job.cancel")
def cancel(request: HttpRequest, progress_id: UUID) -> HttpResponse:
    job = services.cancel(progress_id)
    done = "Cancelled" if job.ended else "Cancelling"
    messages.success(request, f"{done}: {presentation.title(job)}")
    return redirect("jobs:detail", progress_id)


@require_POST
@needs("job.run_again")
def run_again(request: HttpRequest, progress_id: UUID) -> HttpResponse:
    job = services.run_again(progress_id, request.user)
    messages.success(request, f"In the queue again: {presentation.title(job)}")
    return redirect("jobs:detail", job.progress_id)

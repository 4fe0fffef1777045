from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from jobs import presentation, services


@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    context = {
        "current": presentation.in_queue(services.current_jobs()),
        "ended": services.recent_jobs(),
        "worker_is_alive": services.worker_is_alive(),
    }
    template = "jobs/list.html"
    return render(request, f"{template}#jobs" if request.htmx else template, context)


@require_safe
def detail(request: HttpRequest, progress_id: UUID) -> HttpResponse:
    job = services.find_job(progress_id)
    position = services.progress_of(job).queue_position
    context = {"job": presentation.told(job, position), "facts": presentation.facts(job)}
    template = "jobs/detail.html"
    return render(request, f"{template}#job" if request.htmx else template, context)


@require_POST
def cancel(request: HttpRequest, progress_id: UUID) -> HttpResponse:
    job = services.cancel(progress_id)
    done = "Cancelled" if job.ended else "Cancelling"
    messages.success(request, f"{done}: the {job.get_kind_display().lower()} of {job.subject}")
    return redirect("jobs:detail", progress_id)

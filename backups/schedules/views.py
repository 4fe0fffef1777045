from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import needs
from backups.schedules import services
from backups.schedules.forms import ScheduleForm
from backups.schedules.pages import page_of
from backups.schedules.results import standings


@require_safe
def schedule_list(request: HttpRequest) -> HttpResponse:
    context = {"standings": standings(services.list_schedules())}
    template = "backups/schedules/list.html"
    return render(request, f"{template}#schedules" if request.htmx else template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("schedule.create")
def new(request: HttpRequest) -> HttpResponse:
    form = ScheduleForm(request)
    schedule = form.save()
    if schedule:
        messages.success(request, f"Saved the schedule {schedule.name}.")
        return redirect("backups:schedules:detail", schedule.pk)
    return form_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("schedule.change")
def edit(request: HttpRequest, key: int) -> HttpResponse:
    form = ScheduleForm(request, services.find_schedule(key))
    schedule = form.save()
    if schedule:
        messages.success(request, f"Saved the changes of {schedule.name}.")
        return redirect("backups:schedules:detail", key)
    return form_page(request, form)


def form_page(request: HttpRequest, form: ScheduleForm) -> HttpResponse:
    template = (
        "backups/schedules/form.html#preview" if request.htmx else "backups/schedules/form.html"
    )
    context = {"form": form, "schedule": form.schedule, "preview": form.preview}
    return render(request, template, context, status=form.status)


@require_safe
def detail(request: HttpRequest, key: int) -> HttpResponse:
    page = page_of(services.find_schedule(key))
    template = "backups/schedules/detail.html"
    return render(request, f"{template}#runs" if request.htmx else template, vars(page))


@require_POST
@needs("schedule.run")
def run(request: HttpRequest, key: int) -> HttpResponse:
    started = services.run_schedule(key, request.user)
    count = sum(1 for entry in started.entries if entry["job"])
    messages.success(request, f"{started.schedule.name}: {count} put into the queue.")
    for warning in started.warnings:
        messages.warning(request, warning)
    return redirect("backups:schedules:detail", key)


@require_POST
@needs("schedule.switch")
def switch(request: HttpRequest, key: int) -> HttpResponse:
    schedule = services.switch_schedule(key, request.POST.get("on") == "1")
    messages.success(request, f"{schedule.name} is {'on' if schedule.enabled else 'off'} now.")
    if request.POST.get("next") == "list":
        return redirect("backups:schedules:list")
    return redirect("backups:schedules:detail", key)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("schedule.delete")
def delete(request: HttpRequest, key: int) -> HttpResponse:
    schedule = services.find_schedule(key)
    if request.method == "POST":
        services.delete_schedule(key)
        messages.success(request, f"Deleted the schedule {schedule.name}. Its backups stay.")
        return redirect("backups:schedules:list")
    context = {
        "title": f"Delete the schedule {schedule.name}?",
        "lost": ["When it runs, what it covers and what it keeps", "The record of its runs"],
        "count": schedule.backups.count(),
        "submit": "Delete",
        "cancel_url": reverse("backups:schedules:detail", args=[key]),
    }
    return render(request, "backups/schedules/delete.html", context)

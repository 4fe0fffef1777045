from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backups.protection.overview import STATES
from backups.protection.overview import overview as protection
from system.dashboard import page, services
from system.dashboard.presentation import parts_of


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The page; to htmx, the part of it that follows containers and jobs."""
    template = "system/dashboard.html#fragment" if request.htmx else "system/dashboard.html"
    return render(request, template, page.context())


@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """How well everything is backed up, as a part of the dashboard that comes after it."""
    seen = protection()
    states = [(key, word, seen.counts.get(key, 0)) for key, word in STATES.items()]
    return render(request, "system/coverage.html", {"states": states, "total": seen.total})


@require_safe
def disk(request: HttpRequest) -> HttpResponse:
    """What takes room: a part of the dashboard to htmx, and a page of its own."""
    services.disk.ask()
    standing = services.disk.standing()
    parts = parts_of(standing.known.usage) if standing.known else []
    template = "system/disk.html#usage" if request.htmx else "system/disk.html"
    return render(request, template, {"standing": standing, "parts": parts})

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import needs
from containermonkey.addresses import is_local_path
from containers import presentation, services
from containers.bulk.actions import ACTIONS
from containers.overview import Overview, overview
from containers.pages import host_of
from containers.types import Acted


@require_safe
def container_list(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:300] for name in ("search", "state", "stack")}
    asked["sort"] = request.GET.get("sort", "name")[:300]
    seen = overview(**asked, page=request.GET.get("page", "1")[:10])
    context = asked | presentation.toolbar(seen, asked)
    context |= {"seen": seen, "rows": rows(request, seen), "bulk_actions": ACTIONS.values()}
    context |= {"page": seen.page, "shown_since": seen.seen_at}
    if request.htmx:
        # A fragment with 503 would not be taken in, and the page would go on showing old states.
        return render(request, "containers/list.html#fragment", context)
    return render(request, "containers/list.html", context, status=503 if seen.problem else 200)


def rows(request: HttpRequest, seen: Overview) -> list[presentation.Row]:
    host = host_of(request)
    return [
        presentation.row(container, host, seen.last_backups.get(container.name))
        for container in seen.containers
    ]


@require_POST
@needs("container.start")
def start(request: HttpRequest, reference: str) -> HttpResponse:
    acted = services.start_container(reference)
    return answer(request, reference, acted, "Started", "runs already")


@require_POST
@needs("container.stop")
def stop(request: HttpRequest, reference: str) -> HttpResponse:
    acted = services.stop_container(reference)
    return answer(request, reference, acted, "Stopped", "is stopped already")


@require_POST
@needs("container.restart")
def restart(request: HttpRequest, reference: str) -> HttpResponse:
    acted = services.restart_container(reference)
    return answer(request, reference, acted, "Restarted", "was not restarted")


@require_POST
@needs("container.pause")
def pause(request: HttpRequest, reference: str) -> HttpResponse:
    acted = services.pause_container(reference)
    return answer(request, reference, acted, "Paused", "is paused already")


@require_POST
@needs("container.unpause")
def unpause(request: HttpRequest, reference: str) -> HttpResponse:
    acted = services.unpause_container(reference)
    return answer(request, reference, acted, "Unpaused", "was not paused")


def answer(
    request: HttpRequest, reference: str, acted: Acted, done: str, already: str
) -> HttpResponse:
    name = acted.container.name if acted.container else reference
    if acted.changed:
        messages.success(request, f"{done} {name}")
    else:
        messages.info(request, f"{name} {already}")
    page = request.POST.get("next", "")
    return redirect(page if is_local_path(page) and acted.container else "containers:list")

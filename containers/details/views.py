from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.audit import record, require
from containers.annotations import coverage_of
from containers.details import presentation
from containers.pages import container_page


@require_safe
def overview(request: HttpRequest, reference: str) -> HttpResponse:
    context = container_page(request, reference, "overview")
    details = context["container"]
    context |= {
        "state": presentation.state_facts(details),
        "health_results": presentation.health_results(details),
    }
    if request.htmx:
        return render(request, "containers/details/overview.html#state", context)
    context |= {
        "facts": presentation.facts(details),
        "limits": presentation.limits(details.resources),
        "labels": dict(sorted(details.labels.items())),
        "mounts": presentation.mount_lines(details, coverage_of(details.inspect)),
    }
    return render(request, "containers/details/overview.html", context)


@require_safe
@never_cache
def environment(request: HttpRequest, reference: str) -> HttpResponse:
    shown = request.GET.get("show", "")
    if shown:
        require("container.environment")
    context = container_page(request, reference, "environment")
    context["shown"] = shown
    context["variables"] = presentation.variables(context["container"], shown)
    if names := [each.key for each in context["variables"] if each.value is not None]:
        record("container.environment", context["container"].name, shown=names)
    template = "containers/details/environment.html"
    return render(request, f"{template}#variables" if request.htmx else template, context)


@require_safe
@never_cache
def inspect(request: HttpRequest, reference: str) -> HttpResponse:
    with_values = request.GET.get("values") == "shown"
    if with_values:
        require("container.inspect")
    context = container_page(request, reference, "inspect")
    details = context["container"]
    text = presentation.inspect_text(details, with_values=with_values)
    if with_values:
        record("container.inspect", details.name)
    if "download" in request.GET:
        return HttpResponse(
            text,
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{details.name}.json"'},
        )
    context |= {
        "with_values": with_values,
        "is_cut": len(text) > presentation.LARGEST_SHOWN,
        "text": text[: presentation.LARGEST_SHOWN],
    }
    return render(request, "containers/details/inspect.html", context)

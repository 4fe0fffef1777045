from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from containers.logs.options import DEFAULT_TAIL, LogOptions
from containers.logs.rendering import lines_html
from containers.logs.responses import log_response
from containers.logs.services import shown_log
from containers.pages import container_page

FIELDS = ("tail", "since", "until", "search")


@require_safe
def logs(request: HttpRequest, reference: str) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:300] for name in FIELDS}
    options = LogOptions.of(asked)
    context = container_page(request, reference, "logs")
    shown = shown_log(context["container"].inspect, options)
    context |= {
        "asked": asked | {"tail": asked["tail"] or str(DEFAULT_TAIL)},
        "shown": shown,
        "lines": lines_html(shown.log.lines),
        "after": shown.log.lines[-1].time if shown.log.lines else "",
        "query": urlencode(asked),
        "wrap": request.GET.get("wrap", "on" if not request.GET else ""),
        "timestamps": request.GET.get("timestamps", ""),
    }
    return render(request, "containers/logs/page.html", context)


@require_safe
def download(request: HttpRequest, reference: str) -> HttpResponseBase:
    asked = {name: request.GET.get(name, "")[:300] for name in FIELDS}
    timestamps = "timestamps" in request.GET
    return log_response(reference, LogOptions.of(asked, timestamps=timestamps))

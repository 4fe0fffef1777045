from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from containers.logs import presentation
from containers.logs.options import LogOptions
from containers.logs.responses import log_response
from containers.logs.services import shown_log
from containers.pages import container_page

FIELDS = ("tail", "since", "until", "search")


@require_safe
def logs(request: HttpRequest, reference: str) -> HttpResponse:
    asked = words_of(request)
    context = container_page(request, reference, "logs")
    shown = shown_log(context["container"].inspect, asked)
    context |= presentation.context(asked, shown)
    context |= {
        "wrap": request.GET.get("wrap", "on" if not request.GET else ""),
        "timestamps": request.GET.get("timestamps", ""),
        "query": urlencode({name: word for name, word in asked.items() if word}),
    }
    status = 422 if shown.fields else 200
    return render(request, "containers/logs/page.html", context, status=status)


@require_safe
def download(request: HttpRequest, reference: str) -> HttpResponseBase:
    asked = words_of(request) | {"tail": "all"}
    timestamps = "timestamps" in request.GET
    return log_response(reference, LogOptions.of(asked, most=None, timestamps=timestamps))


def words_of(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "")[:300] for name in FIELDS}

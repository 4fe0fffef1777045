from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from containers.logs.options import LogOptions
from containers.logs.responses import text_response
from stacks.logs.presentation import context_of
from stacks.logs.services import download_logs, shown_logs

FIELDS = ("tail", "since", "until", "search", "service")


@require_safe
def logs(request: HttpRequest, name: str) -> HttpResponse:
    asked = words_of(request)
    shown = shown_logs(name, asked)
    context = context_of(asked, shown) | {
        "wrap": request.GET.get("wrap", "on" if not request.GET else ""),
        "timestamps": request.GET.get("timestamps", ""),
        "query": urlencode({name: word for name, word in asked.items() if word}),
    }
    status = 422 if shown.fields else 200
    return render(request, "stacks/logs/page.html", context, status=status)


@require_safe
def download(request: HttpRequest, name: str) -> HttpResponseBase:
    asked = words_of(request) | {"tail": "all"}
    options = LogOptions.of(asked, most=None, timestamps="timestamps" in request.GET)
    return text_response(*download_logs(name, asked["service"], options))


def words_of(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "")[:300] for name in FIELDS}

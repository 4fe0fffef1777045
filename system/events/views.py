from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from system.events.presentation import overview, spans
from system.events.services import Known, known_events, read

CHOICES = ("search", "type", "action", "since", "until")


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:300] for name in CHOICES}
    page = request.GET.get("page", "1")[:10]
    understood = read(asked)
    wrong = understood.fields
    known = Known([]) if wrong else known_events()
    context = asked | {
        "seen": overview(known, understood.asked, page),
        "shown_since": known.heard_at,
        "wrong": wrong,
        "follows": request.GET.get("live") != "0" and page == "1" and not wrong,
        "live": request.GET.get("live", "")[:10],
        "tabs": spans(request.GET),
        "chosen": " ".join(filter(None, asked.values())),
    }
    template = "system/events.html#fragment" if request.htmx else "system/events.html"
    return render(request, template, context, status=422 if wrong else 200)

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from accounts.rights import needs
from accounts.trail.asking import NAMES, Asked, Place, Reading
from accounts.trail.exporting import export
from accounts.trail.presentation import LOOKS, context_of, details_of, facts_of
from accounts.trail.services import TrailPage, find_line, read_page
from containermonkey.downloads import content_response


@require_safe
@needs("audit.see")
def line_list(request: HttpRequest) -> HttpResponse:
    words = {name: request.GET.get(name, "")[:300] for name in NAMES}
    reading = Reading.of(words)
    page = TrailPage([], None, None)
    if not reading.wrong:
        before, after = (Place.of(request.GET.get(name, ""), name) for name in ("before", "after"))
        page = read_page(reading.asked, before=before, after=after)
    template = "accounts/trail/list.html"
    template = f"{template}#listing" if request.htmx else template
    context = context_of(words, reading, page)
    return render(request, template, context, status=422 if reading.wrong else 200)


@require_safe
@needs("audit.see")
def detail(request: HttpRequest, key: int) -> HttpResponse:
    line = find_line(key)
    context = {
        "line": line,
        "look": LOOKS[line.result],
        "facts": facts_of(line),
        "details": details_of(line),
    }
    return render(request, "accounts/trail/detail.html", context)


@require_GET
@needs("audit.export")
def export_csv(request: HttpRequest) -> HttpResponseBase:
    asked = Asked.of({name: request.GET.get(name, "") for name in NAMES})
    response = content_response(export(asked))
    response["Content-Type"] = "text/csv; charset=utf-8"
    return response

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.rights import needs
from stats import presentation
from stats.overview import overview, read_anew


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    asked = asked_of(request)
    page = request.GET.get("page", "1")[:10]
    seen = overview(asked["search"], asked["state"], asked["sort"], asked["span"], page)
    context = asked | presentation.context(seen, asked)
    context |= {"seen": seen, "page": seen.page, "shown_since": seen.collected_at}
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    context["here_now"] = reverse("statistics:all") + query
    context["refresh_url"] = reverse("statistics:refresh") + query
    if request.htmx:
        # A fragment with 503 would not be taken in, and the page would go on showing old figures.
        return render(request, "statistics/page.html#fragment", context)
    return render(request, "statistics/page.html", context, status=503 if seen.problem else 200)


@require_safe
@needs("page.see")
def refresh(request: HttpRequest) -> HttpResponse:
    read_anew()
    if request.htmx:
        return statistics(request)
    return redirect(f"{reverse('statistics:all')}?{request.GET.urlencode()}")


def asked_of(request: HttpRequest) -> dict[str, str]:
    names = ("search", "state", "sort", "span", "view", "paused")
    asked = {name: request.GET.get(name, "")[:300] for name in names}
    asked["sort"] = asked["sort"] or presentation.DEFAULTS["sort"]
    for name, known in (("span", presentation.SPAN_WORDS), ("view", presentation.VIEWS)):
        if asked[name] not in known:
            asked[name] = presentation.DEFAULTS[name]
    return asked

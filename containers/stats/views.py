from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from containers.pages import container_page
from containers.stats.charts import figures_of
from containers.stats.services import usage


@require_safe
def stats(request: HttpRequest, reference: str) -> HttpResponse:
    used = usage(reference)
    context = {"stats": used.stats, "figures": figures_of(used.stats, used.samples)}
    if request.htmx:
        return render(request, "containers/stats/page.html#figures", context)
    context |= container_page(request, reference, "stats")
    return render(request, "containers/stats/page.html", context)

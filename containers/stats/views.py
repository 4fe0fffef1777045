from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from containers.pages import container_page
from containers.stats import charts
from containers.stats.services import usage


@require_safe
def stats(request: HttpRequest, reference: str) -> HttpResponse:
    used = usage(reference)
    context = {
        "stats": used.stats,
        "cpu": charts.cpu_chart(used.samples),
        "memory": charts.memory_chart(used.samples),
        "network": charts.flow_chart("Network", used.samples, "network_rx", "network_tx"),
        "block": charts.flow_chart("Block I/O", used.samples, "block_read", "block_write"),
    }
    if request.htmx:
        return render(request, "containers/stats/page.html#figures", context)
    context |= container_page(request, reference, "stats")
    return render(request, "containers/stats/page.html", context)

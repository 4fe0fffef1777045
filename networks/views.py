from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import needs
from containermonkey.bulk import BarAction
from containermonkey.listing import kept
from networks.annotations import backups_of
from networks.details import network_details
from networks.forms import NetworkForm
from networks.overview import PAGE_SIZE, overview
from networks.presentation import facts

BAR = [BarAction("delete", "Delete", icon="trash", needs="network.delete", danger=True)]


@require_safe
def network_list(request: HttpRequest) -> HttpResponse:
    asked = {
        "search": request.GET.get("search", "")[:300],
        "sort": request.GET.get("sort", "name")[:300],
    }
    seen = overview(**asked, page=request.GET.get("page", "1")[:10])
    template = "networks/list.html#listing" if request.htmx else "networks/list.html"
    context = asked | {"seen": seen, "page": seen.page, "kept": kept(asked), "bulk_actions": BAR}
    return render(request, template, context)


@require_safe
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    network = network_details(reference)
    members = Paginator(network.containers, PAGE_SIZE).get_page(request.GET.get("page", "1")[:10])
    context = {"network": network, "page": members}
    if request.htmx:
        return render(request, "networks/detail.html#members", context)
    context |= {"facts": facts(network), "backups": backups_of(network.name)}
    return render(request, "networks/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("network.create")
def new(request: HttpRequest) -> HttpResponse:
    form = NetworkForm(request)
    if created := form.save():
        messages.success(request, f"Created the network {created.network.name[:80]}")
        for sentence in created.report:
            messages.warning(request, sentence)
        return redirect("networks:detail", created.network.id)
    return render(request, "networks/new.html", {"form": form}, status=form.status)

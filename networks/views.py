from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from engine import engine
from networks import deleting, queries
from networks.annotations import last_backups
from networks.overview import overview


@require_safe
def network_list(request: HttpRequest) -> HttpResponse:
    asked = {
        "search": request.GET.get("search", "")[:300],
        "sort": request.GET.get("sort", "name")[:300],
    }
    seen = overview(**asked, page=request.GET.get("page", "1")[:10])
    template = "networks/list.html#listing" if request.htmx else "networks/list.html"
    return render(request, template, asked | {"seen": seen, "page": seen.page})


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, reference: str) -> HttpResponse:
    if request.method == "POST":
        network = deleting.delete_network(reference)
        messages.success(request, f"Deleted the network {network.name[:80]}")
        return redirect("networks:list")
    with engine() as docker:
        network = queries.find_network(docker, reference)
    deleting.refuse_built_in(network)
    deleting.refuse_in_use(network)
    context = {
        "title": f"Delete the network {network.name}?",
        "last_backup": last_backups().get(network.name),
        "lost": ["The network with its subnets, options and labels"],
        "submit": "Delete",
        "cancel_url": reverse("networks:list"),
    }
    return render(request, "networks/delete.html", context)

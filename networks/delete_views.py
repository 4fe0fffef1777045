from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import needs
from containermonkey.bulk import tell_deleted
from containermonkey.figures import counted
from networks import deleting
from networks.annotations import last_backups


@require_http_methods(["GET", "HEAD", "POST"])
@needs("network.delete")
def delete(request: HttpRequest, reference: str) -> HttpResponse:
    if request.method == "POST":
        network = deleting.delete_network(reference)
        messages.success(request, f"Deleted the network {network.name[:80]}")
        return redirect("networks:list")
    network = deleting.deletable_network(reference)
    context = {
        "title": f"Delete the network {network.name}?",
        "last_backup": last_backups().get(network.name),
        "lost": ["The network with its subnets, options and labels"],
        "submit": "Delete",
        "cancel_url": reverse("networks:detail", args=[network.id]),
    }
    return render(request, "networks/delete.html", context)


@require_POST
@needs("network.delete")
def delete_several(request: HttpRequest) -> HttpResponse:
    ids = request.POST.getlist("id")
    if not ids:
        messages.info(request, "No network was selected.")
        return redirect("networks:list")
    if "confirmed" not in request.POST:
        return ask(request, ids)
    results = deleting.delete_networks(ids)
    tell_deleted(request, "network", [result.error for result in results])
    return redirect("networks:list")


def ask(request: HttpRequest, ids: list[str]) -> HttpResponse:
    saved, found = last_backups(), deleting.chosen_networks(ids[: deleting.MOST])
    going = [(network, saved.get(network.name)) for network, kept in found if not kept]
    context = {
        "title": f"Delete {counted(len(going), 'network')}?"
        if going
        else "None of them can be deleted",
        "action": reverse("networks:delete_several"),
        "going": going,
        "staying": [kept for _, kept in found if kept],
        "submit": "Delete",
        "cancel_url": reverse("networks:list"),
    }
    return render(request, "networks/delete_several.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("network.prune")
def prune(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        ids = request.POST.getlist("id")[: deleting.MOST]
        results = deleting.prune_networks(ids).results
        tell_deleted(request, "network", [result.error for result in results])
        return redirect("networks:list")
    saved, found = last_backups(), deleting.unused_networks()
    unused = found[: deleting.MOST]
    context = {
        "more": len(found) - len(unused),
        "title": f"Delete {counted(len(unused), 'network')} that nobody uses?"
        if unused
        else "Nothing unused",
        "going": [(network, saved.get(network.name)) for network in unused],
        "submit": "Delete",
        "cancel_url": reverse("networks:list"),
    }
    return render(request, "networks/prune.html", context)

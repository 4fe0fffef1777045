from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.rights import needs
from containermonkey.addresses import is_local_path
from networks.connect_form import ConnectForm
from networks.connecting import Disconnected, Parting, disconnect_container, parting


@require_http_methods(["GET", "HEAD", "POST"])
@needs("network.connect")
def connect(request: HttpRequest) -> HttpResponse:
    form = ConnectForm(request)
    if connected := form.save():
        name, network = connected.container[:80], connected.network.name[:80]
        if connected.changed:
            messages.success(request, f"Connected {name} to {network}")
        else:
            messages.info(request, f"{name} is on {network} already")
        return redirect(form.back)
    return render(request, "networks/connect.html", context_of(request, form), status=form.status)


def context_of(request: HttpRequest, form: ConnectForm) -> dict[str, object]:
    return {
        "title": form.title,
        "form": form,
        "action": request.get_full_path(),
        "submit": "Connect",
        "harmless": True,
        "cancel_url": form.back,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@needs("network.disconnect")
def disconnect(request: HttpRequest) -> HttpResponse:
    network, container = (request.GET.get(name, "")[:255] for name in ("network", "container"))
    page = request.GET.get("next", "")
    if request.method == "POST":
        done = disconnect_container(network, container)
        tell(request, done)
        return redirect(page if is_local_path(page) else "networks:list")
    seen = parting(network, container)
    back = page if is_local_path(page) else reverse("networks:detail", args=[seen.network.id])
    context = question(seen) | {"action": request.get_full_path(), "cancel_url": back}
    return render(request, "networks/disconnect.html", context)


def question(seen: Parting) -> dict[str, object]:
    return {
        "title": f"Disconnect {seen.container} from {seen.network.name}?",
        "lost": ["Its address on this network, and its further names there"],
        "kept": [f"The network {name}" for name in seen.remaining],
        "seen": seen,
        "submit": "Disconnect",
    }


def tell(request: HttpRequest, done: Disconnected) -> None:
    name, network = done.container[:80], done.network.name[:80]
    if not done.changed:
        messages.info(request, f"{name} was not on {network}")
        return
    messages.success(request, f"Disconnected {name} from {network}")
    if not done.remaining:
        messages.warning(request, f"{name} is on no network any more")

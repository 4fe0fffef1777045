from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import needs
from images.registries import services
from images.registries.forms import RegistryForm
from images.registries.overview import rows


@require_safe
@needs("registry.see")
def registry_list(request: HttpRequest) -> HttpResponse:
    return render(request, "images/registries/list.html", {"rows": rows()})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("registry.add")
def new(request: HttpRequest) -> HttpResponse:
    return form_page(request, RegistryForm(request), "Sign in to a registry")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("registry.change")
def edit(request: HttpRequest, key: int) -> HttpResponse:
    registry = services.find_registry(key)
    return form_page(request, RegistryForm(request, registry), f"Change {registry.address}")


def form_page(request: HttpRequest, form: RegistryForm, title: str) -> HttpResponse:
    registry = form.save()
    if registry:
        done = "Signed in to" if registry.verified_at else "Saved without signing in to"
        messages.success(request, f"{done} {registry.address}")
        return redirect("registries:list")
    context = {
        "form": form,
        "title": title,
        "submit": "Sign in and save",
        "harmless": True,
        "cancel_url": reverse("registries:list"),
    }
    return render(request, "images/registries/form.html", context, status=form.status)


@require_POST
@needs("registry.check")
def check(request: HttpRequest, key: int) -> HttpResponse:
    registry = services.check_registry(key)
    messages.success(request, f"{registry.address} takes the sign-in")
    return redirect("registries:list")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("registry.delete")
def delete(request: HttpRequest, key: int) -> HttpResponse:
    registry = services.find_registry(key)
    if request.method == "POST":
        services.delete_registry(key)
        messages.success(request, f"Forgot the sign-in to {registry.address}")
        return redirect("registries:list")
    context = {
        "title": f"Forget the sign-in to {registry.address}?",
        "lost": ["The user name and the password that are kept here"],
        "kept": ["The registry, its images and those that were pulled from it"],
        "submit": "Forget it",
        "cancel_url": reverse("registries:list"),
    }
    return render(request, "confirm.html", context)

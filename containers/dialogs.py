"""Acts that ask before they are done: each is a page, which scripts open as a dialog."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.rights import needs
from containermonkey.problems import Conflict
from containers import presentation, queries, services, signals
from containers.annotations import last_backups

reads_or_posts = require_http_methods(["GET", "HEAD", "POST"])


class RenameForm(forms.Form):
    name = forms.RegexField(
        services.NAME,
        label="New name",
        max_length=255,
        error_messages={
            "invalid": "At least two letters, digits, or any of _ . - after the first."
        },
    )

    def rename(self, reference: str) -> bool:
        """Rename the container; what is wrong with the name stands beside the field."""
        try:
            services.rename_container(reference, self.cleaned_data["name"])
        except Conflict as problem:
            self.add_error("name", str(problem))
        return self.is_valid()


SIGNALS = [(name, f"{name}: {what}") for name, what in signals.COMMON.items()]


class KillForm(forms.Form):
    signal = forms.ChoiceField(choices=SIGNALS, initial=signals.KILL)


@reads_or_posts
@needs("container.rename")
def rename(request: HttpRequest, reference: str) -> HttpResponse:
    name = queries.container_name(reference)
    form = RenameForm(request.POST or None, initial={"name": name})
    if request.method == "POST" and form.is_valid() and form.rename(reference):
        messages.success(request, f"{name} is {form.cleaned_data['name']} now")
        return redirect("containers:detail", form.cleaned_data["name"])
    context = {
        "title": f"Rename {name}?",
        "text": "It goes on running. Backups made so far keep the name that it has now.",
        "form": form,
        "submit": "Rename",
        "harmless": True,
        "cancel_url": reverse("containers:detail", args=[name]),
    }
    return render(request, "containers/rename.html", context, status=422 if form.errors else 200)


@reads_or_posts
@needs("container.kill")
def kill(request: HttpRequest, reference: str) -> HttpResponse:
    name = queries.container_name(reference)
    form = KillForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        signal = form.cleaned_data["signal"]
        services.kill_container(reference, signal)
        messages.success(request, f"Sent {signal} to {name}")
        return redirect("containers:detail", name)
    context = {
        "title": f"Send a signal to {name}?",
        "text": "What it is doing may be cut off in the middle. To end it in good order, stop it.",
        "signals": list(SIGNALS),
        "signal": form["signal"].value(),
        "form": form,
        "submit": "Send",
        "cancel_url": reverse("containers:detail", args=[name]),
    }
    return render(request, "containers/kill.html", context, status=422 if form.errors else 200)


@reads_or_posts
@needs("container.delete")
def delete(request: HttpRequest, reference: str) -> HttpResponse:
    return delete_now(request, reference) if request.method == "POST" else ask(request, reference)


def ask(request: HttpRequest, reference: str) -> HttpResponse:
    loss = queries.what_is_lost(reference)
    context: dict[str, Any] = {
        "title": f"Delete {loss.container.name}?",
        "loss": loss,
        "last_backup": last_backups().get(loss.container.name),
        "lost": presentation.LOST,
        "kept": presentation.kept(loss),
        "anonymous": [presentation.anonymous(holding) for holding in loss.anonymous],
        "submit": "Delete",
        "cancel_url": reverse("containers:detail", args=[loss.container.name]),
    }
    return render(request, "containers/delete.html", context)


def delete_now(request: HttpRequest, reference: str) -> HttpResponse:
    name = request.POST.get("name", reference)
    services.delete_container(
        reference, force="force" in request.POST, volumes="volumes" in request.POST
    )
    messages.success(request, f"Deleted {name[:80]}")
    return redirect("containers:list")

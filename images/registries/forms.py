"""The form of a registry. It never holds the password that is kept."""

from typing import Any

from django import forms
from django.http import HttpRequest

from containermonkey.problems import Conflict, Invalid, Problem
from engine.registries import RegistryAway, SignInRefused
from images.models import Registry
from images.registries import services
from images.registries.services import LONGEST, LONGEST_PASSWORD, SignIn

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class RegistryForm(forms.Form):
    address = forms.CharField(
        label="Registry",
        max_length=LONGEST,
        widget=forms.TextInput(attrs=PLAIN | {"class": "mono", "placeholder": "registry.lan:5000"}),
        help_text="The host that stands at the beginning of its images’ names; docker.io is "
        "Docker’s own.",
    )
    username = forms.CharField(
        label="User name", max_length=LONGEST, widget=forms.TextInput(attrs=PLAIN)
    )
    password = forms.CharField(
        label="Password or token",
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    unverified = forms.BooleanField(required=False)

    def __init__(self, request: HttpRequest, registry: Registry | None = None) -> None:
        self.registry, self.posted = registry, request.method == "POST"
        super().__init__(request.POST if self.posted else None, initial=initial_of(registry))
        self.is_away = False
        if registry:
            self.fields["password"].required = False
            self.fields["password"].help_text = "Empty: it stays as it is. It is never shown."

    @property
    def status(self) -> int:
        return 422 if self.errors else 200

    @property
    def may_be_unverified(self) -> bool:
        """Whether the choice to keep it without a sign-in is offered: once that was tried."""
        return self.is_away or "unverified" in self.data

    def save(self) -> Registry | None:
        """Keep what is filled in; None where the form has to be shown."""
        if not self.posted or not self.is_valid():
            return None
        values = self.cleaned_data
        asked = SignIn(values["address"], values["username"], values["password"])
        try:
            return self.keep(asked, unverified=values["unverified"])
        except SignInRefused as problem:
            self.add_error("password", str(problem))
        except RegistryAway as problem:
            self.is_away = True
            self.add_error("address", str(problem))
        except (Invalid, Conflict) as problem:
            self.add_problem(problem)
        return None

    def keep(self, asked: SignIn, *, unverified: bool) -> Registry:
        if self.registry:
            return services.change_registry(self.registry.pk, asked, unverified=unverified)
        return services.add_registry(asked, unverified=unverified)

    def add_problem(self, problem: Problem) -> None:
        """Put what is wrong beside the fields that it is about; else beside the password."""
        for name, reason in (problem.fields or {"password": str(problem)}).items():
            self.add_error(name, reason)


def initial_of(registry: Registry | None) -> dict[str, Any]:
    return {"address": registry.address, "username": registry.username} if registry else {}

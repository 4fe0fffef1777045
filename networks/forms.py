"""The forms of the pages of networks."""

from functools import cached_property

from django import forms
from django.http import HttpRequest

from containermonkey.forms import Pairs
from containermonkey.problems import Conflict, EngineRefused, Invalid, Problem
from networks.addresses import faults_of_pools
from networks.creating import (
    LONGEST_NAME,
    MOST_POOLS,
    Created,
    NewNetwork,
    create_network,
    offered_drivers,
)
from networks.types import Pool

FORGIVEN = (Conflict, EngineRefused, Invalid)
"""What somebody may answer by filling in something else."""


def mono(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "mono", "autocomplete": "off"} | attrs)


class PoolForm(forms.Form):
    """A row of addresses; one that is empty counts for nothing."""

    subnet = forms.CharField(
        label="Subnet", required=False, max_length=100, widget=mono(placeholder="10.20.0.0/16")
    )
    gateway = forms.CharField(
        label="Gateway", required=False, max_length=100, widget=mono(placeholder="10.20.0.1")
    )
    ip_range = forms.CharField(
        label="Range", required=False, max_length=100, widget=mono(placeholder="10.20.5.0/24")
    )

    @property
    def pool(self) -> Pool | None:
        values = {name: self.cleaned_data.get(name) or None for name in self.fields}
        return Pool(**values) if any(values.values()) else None


class NetworkForm(forms.Form):
    """What a network is to be; `more` asks for one more row of addresses, and makes nothing."""

    name = forms.CharField(
        label="Name", max_length=LONGEST_NAME, widget=mono(autofocus="autofocus")
    )
    driver = forms.ChoiceField(label="Driver", widget=forms.Select(attrs={"class": "select"}))
    internal = forms.BooleanField(required=False)
    attachable = forms.BooleanField(required=False)
    ipv6 = forms.BooleanField(required=False)
    options = Pairs(
        label="Driver options",
        help_text="key=value, one a line: parent=eth0 for macvlan and ipvlan.",
    )
    labels = Pairs(label="Labels", help_text="key=value, one a line.")

    def __init__(self, request: HttpRequest) -> None:
        asked = request.POST if request.method == "POST" else None
        self.wants_more = bool(asked) and "more" in request.POST
        super().__init__(asked)
        drivers = offered_drivers()
        self.fields["driver"].choices = [(name, name) for name in drivers]  # type: ignore[attr-defined]
        number = min(rows_in(request.POST.get("rows", "1")) + self.wants_more, MOST_POOLS)
        self.rows = [PoolForm(asked, prefix=f"pool-{row}") for row in range(number)]

    @property
    def has_room(self) -> bool:
        return len(self.rows) < MOST_POOLS

    @property
    def status(self) -> int:
        return 422 if self.is_bound and not self.wants_more else 200

    @cached_property
    def filled(self) -> list[PoolForm]:
        return [row for row in self.rows if row.is_valid() and row.pool]

    def save(self) -> Created | None:
        """Make the network; None where the form has to be shown."""
        if not self.is_bound or self.wants_more:
            return None
        are_valid = [self.is_valid(), *(row.is_valid() for row in self.rows)]
        if not all(are_valid):
            self.show_faults_of_pools()
            return None
        pools = [pool for row in self.filled if (pool := row.pool)]
        try:
            return create_network(NewNetwork(pools=pools, **self.cleaned_data))
        except FORGIVEN as problem:
            self.show(problem)
            return None

    def show_faults_of_pools(self) -> None:
        """Say what is wrong with the addresses also where something else is."""
        given = self.cleaned_data
        pools = [pool for row in self.filled if (pool := row.pool)]
        faults = faults_of_pools(
            pools, driver=given.get("driver", ""), ipv6=given.get("ipv6", False)
        )
        for place, words in faults.items():
            number, _, name = place.partition(".")
            self.filled[int(number)].add_error(name, words)

    def show(self, problem: Problem) -> None:
        """Put what is wrong beside the fields that it is about."""
        for place, words in problem.fields.items():
            number, _, name = place.removeprefix("ipam.config.").partition(".")
            if place.startswith("ipam.config.") and number.isdecimal():
                self.filled[int(number)].add_error(name, words)
            else:
                self.add_error(place if place in self.fields else None, words)
        if not problem.fields:
            self.add_error(None, str(problem))


def rows_in(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1

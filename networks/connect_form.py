"""The form that connects a container to a network, from the page of either."""

import re
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse

from containermonkey.forms import add_problem
from containers.mapping import name_of
from containers.queries import container_name
from networks.addresses import subnet_in
from networks.connecting import Connected, connect_container
from networks.endpoints import (
    ADDRESSES,
    BRIDGE,
    connectable_to,
    open_networks,
    why_bound,
    why_nobody,
)
from networks.forms import FORGIVEN, mono
from networks.host import Host, current_host
from networks.types import Network, Wish


class ConnectForm(forms.Form):
    """The query may name the network, the container, or both; what it does not is chosen."""

    network = forms.ChoiceField(
        label="Network",
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"required": "Choose a network.", "invalid_choice": "Choose a network."},
    )
    container = forms.ChoiceField(
        label="Container",
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"required": "Choose a container.", "invalid_choice": "Choose a container."},
    )
    aliases = forms.CharField(
        label="Further names",
        required=False,
        max_length=2000,
        widget=mono(),
        help_text="By which other containers find it there, with spaces between.",
    )
    ipv4_address = forms.CharField(
        label="IPv4 address",
        required=False,
        max_length=100,
        widget=mono(placeholder="chosen by Docker"),
    )
    ipv6_address = forms.CharField(
        label="IPv6 address",
        required=False,
        max_length=100,
        widget=mono(placeholder="chosen by Docker"),
    )

    def __init__(self, request: HttpRequest) -> None:
        self.posted = request.method == "POST"
        super().__init__(request.POST if self.posted else None)
        asked = {name: request.GET.get(name, "")[:255] for name in ("network", "container")}
        host = current_host()
        self.fixed_network = host.find(asked["network"]) if asked["network"] else None
        self.fixed_container = container_name(asked["container"]) if asked["container"] else ""
        self.closed = self.why_closed(host)
        self.offer(host)

    @property
    def status(self) -> int:
        return 422 if self.posted else 200

    @property
    def title(self) -> str:
        where = self.fixed_network.name if self.fixed_network else "a network"
        return f"Connect {self.fixed_container or 'a container'} to {where}"

    @property
    def back(self) -> str:
        """The page from which somebody came."""
        if self.fixed_network and not self.fixed_container:
            return reverse("networks:detail", args=[self.fixed_network.id])
        if self.fixed_container:
            return reverse("containers:detail", args=[self.fixed_container])
        return reverse("networks:list")

    def why_closed(self, host: Host) -> str | None:
        """Why there is nothing to choose: what the query names takes nobody, or can go nowhere."""
        if self.fixed_network and (words := why_nobody(host, self.fixed_network)):
            return words
        row = self.row_of_container(host)
        return why_bound(row) if row else None

    def offer(self, host: Host) -> None:
        """Leave what there is to choose, and to fill in."""
        if self.fixed_network:
            del self.fields["network"]
            self.leave_out(self.fixed_network)
        else:
            networks = open_networks(host, self.row_of_container(host))
            self.choose_from("network", [(each.id, in_words(each)) for each in networks])
        if self.fixed_container:
            del self.fields["container"]
        else:
            self.choose_from("container", connectable_to(host, self.fixed_network))

    def choose_from(self, name: str, options: list[tuple[str, str]]) -> None:
        self.fields[name].choices = [("", "Choose …"), *options]  # type: ignore[attr-defined]

    def row_of_container(self, host: Host) -> dict[str, Any] | None:
        return next((row for row in host.rows if name_of(row) == self.fixed_container), None)

    def leave_out(self, network: Network) -> None:
        """Take away what nobody can have on this network, and say within which subnets to stay."""
        if network.name == BRIDGE:
            del self.fields["aliases"]
        for field, version in ADDRESSES.items():
            found = [each for each in map(subnet_in, network.subnets) if each]
            subnets = [str(each) for each in found if each.version == version]
            if subnets and network.name != BRIDGE:
                self.fields[field].help_text = f"Within {', '.join(subnets)}."
            else:
                del self.fields[field]

    def save(self) -> Connected | None:
        """Connect; None where the form has to be shown."""
        if not self.posted or not self.is_valid():
            return None
        values = self.cleaned_data
        aliases = re.split(r"[\s,]+", values.get("aliases", "").strip())
        wish = Wish(
            list(dict.fromkeys(filter(None, aliases))),
            values.get("ipv4_address", ""),
            values.get("ipv6_address", ""),
        )
        network = self.fixed_network.id if self.fixed_network else values["network"]
        try:
            return connect_container(network, self.fixed_container or values["container"], wish)
        except FORGIVEN as problem:
            add_problem(self, problem)
            return None


def in_words(network: Network) -> str:
    subnets = f" ({', '.join(network.subnets)})" if network.subnets else ""
    return f"{network.name}{subnets}"

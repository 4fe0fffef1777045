"""What may be asked about networks. Two calls of the Engine, whatever their number."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from containermonkey import listing
from containermonkey.listing import NEVER
from containermonkey.problems import Invalid, NotFound
from engine import Docker, engine
from engine.identity import is_helper, is_hidden
from engine.names import shortened
from networks.mapping import members_by_network, network_of
from networks.types import Network


def by_first_subnet(network: Network) -> tuple[int, int, int]:
    """In the order of addresses, not of letters; what has no subnet comes last."""
    try:
        subnet = ip_network(network.subnets[0], strict=False)
    except (IndexError, ValueError):
        return (9, 0, 0)
    return (subnet.version, int(subnet.network_address), subnet.prefixlen)


SORT_KEYS: dict[str, Callable[[Network], Any]] = {
    "name": lambda network: network.name.casefold(),
    "driver": lambda network: network.driver,
    "subnets": by_first_subnet,
    "containers": lambda network: len(network.containers),
    "stack": lambda network: (network.stack is None, network.stack or ""),
    "created": lambda network: network.created or NEVER,
}


def list_networks(search: str = "", sort: str = "name") -> list[Network]:
    """The host's networks; our own containers are not among those that are on them.

    `search` are words that must all be found in name, driver, subnets, labels or containers.
    """
    with engine() as docker:
        found = networks_of(docker)
    return in_order(matching(found, search), sort)


def networks_of(docker: Docker, *, hidden: bool = False) -> list[Network]:
    """Every network; with `hidden` our own containers count too, and what jobs made for a while.

    The Engine's list of networks says nobody who is on them, and that of containers says it only
    by the networks of each: so both are read, and no network is asked for alone.
    """
    rows, networks = docker.list_containers(), docker.networks()
    if not hidden:
        rows = [row for row in rows if not is_hidden(row["Id"], row["Labels"])]
        networks = [row for row in networks if not is_helper(row["Labels"])]
    return networks_in(networks, rows)


def networks_in(networks: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[Network]:
    """The networks of one list of the Engine's, with the containers of the other."""
    members = members_by_network(rows, networks)
    return [
        network_of(row, members.get(row["Id"], []) + members.get(row["Name"], []))
        for row in networks
    ]


def find_network(docker: Docker, reference: str) -> Network:
    """A network by its id, its name or the beginning of its id, with everybody who is on it.

    Raise NotFound, or Invalid where several are called so: Engines let two have one name.
    """
    return found_by(networks_of(docker, hidden=True), reference)


def found_by(networks: list[Network], reference: str) -> Network:
    """The one among these that is called so; see `find_network`."""
    for called in (
        lambda network: network.id == reference,
        lambda network: network.name == reference,
        lambda network: bool(reference) and network.id.startswith(reference),
    ):
        chosen = [network for network in networks if called(network)]
        if len(chosen) > 1:
            ids = ", ".join(network.id[:12] for network in chosen)
            raise Invalid(
                f"Several networks are called {shortened(reference)}; name one by id: {ids}."
            )
        if chosen:
            return chosen[0]
    raise NotFound(f"There is no network named {shortened(reference)}.")


def matching(networks: Iterable[Network], search: str) -> list[Network]:
    """Those in which every word of `search` is found."""
    return listing.with_words(networks, search, found_in)


def found_in(network: Network, word: str) -> bool:
    texts = [
        *(network.name, network.driver, *network.subnets),
        *(f"{key}={value}" for key, value in network.labels.items()),
        *(member.name for member in network.containers),
    ]
    return network.id.startswith(word) or any(word in text.casefold() for text in texts)


def in_order(
    networks: list[Network], sort: str, backed_up: Mapping[str, datetime] | None = None
) -> list[Network]:
    """Sorted by a key of SORT_KEYS, `-` before it turns it round, or by `backup`: never first."""
    saved = backed_up or {}
    keys = SORT_KEYS | {"backup": lambda network: saved.get(network.name, NEVER)}
    return listing.in_order(networks, sort, keys)

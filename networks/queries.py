"""What may be asked about networks. Two calls of the Engine, whatever their number."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from containermonkey.problems import Invalid, NotFound
from engine import Docker, engine
from engine.identity import is_hidden
from engine.names import shortened
from networks.mapping import members_by_network, network_of
from networks.types import Network

SORT_KEYS: dict[str, Callable[[Network], Any]] = {
    "name": lambda network: network.name.casefold(),
    "driver": lambda network: network.driver,
    "containers": lambda network: len(network.containers),
    "stack": lambda network: (network.stack is None, network.stack or ""),
}

LEAST_OF_ID = 4
"""Letters from which on something may be the beginning of an id."""


def list_networks(search: str = "", sort: str = "name") -> list[Network]:
    """The host's networks; our own containers are not among those that are on them.

    `search` are words that must all be found in name, driver, subnets, labels or containers.
    """
    with engine() as docker:
        found = networks_of(docker)
    return in_order(matching(found, search), sort)


def networks_of(docker: Docker, *, hidden: bool = False) -> list[Network]:
    """Every network; with `hidden` our own containers count too."""
    rows = [
        row for row in docker.list_containers() if hidden or not is_hidden(row["Id"], row["Labels"])
    ]
    members = members_by_network(rows)
    return [
        network_of(row, members.get(row["Id"], []) + members.get(row["Name"], []))
        for row in docker.networks()
    ]


def find_network(docker: Docker, reference: str) -> Network:
    """A network by its id, its name or the beginning of its id, with everybody who is on it.

    Raise NotFound, or Invalid where several are called so: Engines let two have one name.
    """
    found = networks_of(docker, hidden=True)
    for called in (
        lambda network: network.id == reference,
        lambda network: network.name == reference,
        lambda network: len(reference) >= LEAST_OF_ID and network.id.startswith(reference),
    ):
        chosen = [network for network in found if called(network)]
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
    words = search.casefold().split()
    return [network for network in networks if all(found_in(network, word) for word in words)]


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
    by_name = sorted(networks, key=SORT_KEYS["name"])
    key = SORT_KEYS.get(sort.removeprefix("-"), SORT_KEYS["name"])
    if backed_up is not None and sort.removeprefix("-") == "backup":
        never = datetime.min.replace(tzinfo=UTC)
        key = lambda network: backed_up.get(network.name, never)  # noqa: E731 - as in SORT_KEYS
    return sorted(by_name, key=key, reverse=sort.startswith("-"))

"""Who has which address on a network, and who may come to it."""

from collections.abc import Iterator
from typing import Any

from containermonkey.problems import Conflict, Invalid
from containers.changes import CONTAINER
from containers.mapping import name_of
from engine.identity import is_ours
from engine.names import REFERENCE
from networks.addresses import address_in, fault_of_address, subnet_in
from networks.host import Host
from networks.mapping import endpoints_in, mode_of
from networks.types import Network, Wish

MOST_ALIASES = 20
LONGEST_ALIAS = 253

BRIDGE = "bridge"
"""Docker's own, on which containers have neither further names nor chosen addresses."""

ADDRESSES = {"ipv4_address": 4, "ipv6_address": 6}


def why_nobody(host: Host, network: Network) -> str | None:
    """Why no container can be connected to a network; None where it can."""
    name = network.name
    if network.built_in and name != BRIDGE:
        return f"Containers are not connected to {name}: it is chosen when they are made."
    if host.is_swarms_own(network):
        return f"The network {name} is the swarm’s own."
    if network.config_only:
        return f"The network {name} only holds settings for others."
    if network.scope == "swarm" and not network.attachable:
        return f"The network {name} is for the swarm’s services alone: it is not attachable."
    if network.id in host.held:
        return f"A job works with the network {name}. Wait until it is over, or cancel it."
    return None


def why_not_connected(mode: str, names: set[str], container: str) -> str | None:
    """Why a container, by its mode and the names of its networks, cannot be on any other."""
    if mode == "host":
        return f"{container} uses the host’s network, and can be on no other."
    if mode.startswith(CONTAINER):
        return f"{container} uses the network of another container, and can be on no other."
    if "none" in names:
        return f"{container} is to have no network. Disconnect it from none first."
    return None


def is_on(network: Network, row: dict[str, Any]) -> bool:
    return row["Id"] in {member.id for member in network.containers}


def connectable_to(host: Host, network: Network | None) -> list[tuple[str, str]]:
    """The ids and names of the containers that can be connected to a network, or to any at all."""
    found = [
        (row["Id"], name_of(row))
        for row in host.rows
        if is_free(row) and not (network and is_on(network, row))
    ]
    return sorted(found, key=lambda pair: pair[1].casefold())


def is_free(row: dict[str, Any]) -> bool:
    """Whether the container of an entry may be put on networks at all."""
    return why_bound(row) is None and not is_ours(row["Id"], row["Labels"])


def why_bound(row: dict[str, Any]) -> str | None:
    """Why the container of an entry can be on no other network; None where it can."""
    return why_not_connected(mode_of(row), set(endpoints_in(row)), name_of(row))


def open_networks(host: Host, row: dict[str, Any] | None) -> list[Network]:
    """The networks that containers can be connected to, but for those that one is on."""
    found = [
        network
        for network in host.networks
        if why_nobody(host, network) is None and not (row and is_on(network, row))
    ]
    return sorted(found, key=lambda network: network.name.casefold())


def refuse_faults(host: Host, network: Network, wish: Wish) -> None:
    """Raise Invalid for what cannot be had here, Conflict for an address that is taken."""
    faults = dict(faults_of(network, wish))
    if faults:
        raise Invalid(" ".join(faults.values()), fields=faults)
    if taken := dict(taken_of(host, network, wish)):
        raise Conflict(" ".join(taken.values()), fields=taken)


def faults_of(network: Network, wish: Wish) -> Iterator[tuple[str, str]]:
    if wish.aliases and (words := fault_of_aliases(network, wish.aliases)):
        yield "aliases", words
    for field, version in ADDRESSES.items():
        text = getattr(wish, field)
        if text and (words := fault_of_wanted(network, text, version)):
            yield field, words


def fault_of_aliases(network: Network, aliases: list[str]) -> str | None:
    if network.name == BRIDGE:
        return "On Docker’s own bridge containers have no further names."
    if len(aliases) > MOST_ALIASES:
        return f"At most {MOST_ALIASES} further names."
    for alias in aliases:
        if len(alias) > LONGEST_ALIAS or not REFERENCE.fullmatch(alias):
            return "A further name is letters, digits, or any of _ . - after the first."
    return None


def fault_of_wanted(network: Network, text: str, version: int) -> str | None:
    if network.name == BRIDGE:
        return "On Docker’s own bridge no address can be chosen."
    pools = [(subnet_in(pool.subnet), pool.gateway) for pool in network.ipam.config]
    subnets = [subnet for subnet, _ in pools if subnet and subnet.version == version]
    if not subnets:
        return f"The network {network.name} has no subnet of IPv{version}."
    if words := fault_of_address(text, subnets):
        return words
    gateways = [address_in((gateway or "").partition("/")[0]) for _, gateway in pools]
    return "It is the gateway’s." if address_in(text) in gateways else None


def taken_of(host: Host, network: Network, wish: Wish) -> Iterator[tuple[str, str]]:
    """The addresses that others have, or would want again when they are started."""
    holders = {address: name for name, address in addresses_on(host, network)}
    for field in ADDRESSES:
        if holder := holders.get(address_in(getattr(wish, field))):
            yield field, f"It is taken by {holder}."


def addresses_on(host: Host, network: Network) -> Iterator[tuple[str, Any]]:
    """Who has which address on a network, or has chosen it; the addresses as values."""
    for row in host.rows:
        if not is_on(network, row):
            continue
        for name, endpoint in endpoints_in(row).items():
            if network.id != endpoint.get("NetworkID") and network.name != name:
                continue
            chosen = endpoint.get("IPAMConfig") or {}
            texts = [endpoint.get("IPAddress"), endpoint.get("GlobalIPv6Address")]
            texts += [chosen.get("IPv4Address"), chosen.get("IPv6Address")]
            yield from ((name_of(row), found) for text in texts if (found := address_in(text)))

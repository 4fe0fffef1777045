"""Connecting containers to networks, and disconnecting them."""

from dataclasses import dataclass
from typing import Any

from accounts.audit import audited
from containermonkey.problems import Conflict, NotFound
from containers.endpoints import endpoint as wanted_in
from containers.mapping import name_in, name_of
from containers.services import refuse_unreachable
from engine import Docker, engine
from networks.endpoints import ADDRESSES, refuse_faults, why_nobody, why_not_connected
from networks.host import Host, look_around
from networks.mapping import endpoints_in, mode_of
from networks.types import Network, Wish

Inspect = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Connected:
    """`changed` is false where the container was on the network already."""

    changed: bool
    network: Network
    container: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """`remaining` are the names of the networks that the container is still on."""

    changed: bool
    network: Network
    container: str
    remaining: list[str]


@dataclass(frozen=True, slots=True)
class Parting:
    """What is to be known before a container is disconnected.

    `sharing` are the containers that use its network, and lose it too.
    """

    network: Network
    container: str
    remaining: list[str]
    sharing: list[str]


def connect_container(reference: str, container: str, wish: Wish | None = None) -> Connected:
    """Connect a container, running or not, to a network.

    Raise NotFound, NotAllowed for ourselves, Invalid with what is wrong with which field, or
    Conflict where the network takes nobody, the container can be on no other, it is on it already
    with other names or addresses, an address is taken, or a job works on the container.
    """
    asked = wish or Wish()
    with engine() as docker:
        host, inspect = look_around(docker), docker.find_container(container)
        network, name = host.find(reference), name_in(inspect)
        with audited("network.connect", network.name, container=name), engine():
            refuse_unreachable(inspect)
            if present := endpoint_on(network, inspect):
                refuse_other(network, inspect, present, asked)
                return Connected(False, host.shown(network), name)
            refuse_mode(host, network, inspect)
            refuse_faults(host, network, asked)
            docker.connect_with(network.id, inspect["Id"], endpoint_config(asked))
            return Connected(True, network_after(docker, network), name)


def disconnect_container(reference: str, container: str, *, force: bool = False) -> Disconnected:
    """Disconnect a container from a network; by `force` also one that is not there any more.

    Raise NotFound, NotAllowed for ourselves, or Conflict for the host's network and while a job
    works on the container.
    """
    with engine() as docker:
        host = look_around(docker)
        network = host.find(reference)
        try:
            with engine():
                inspect = docker.find_container(container)
        except NotFound:
            if force and (left := endpoint_left_by(docker, network, container)):
                return disconnected_by_force(docker, host, network, left)
            raise
        return disconnected(docker, host, network, inspect, force=force)


def disconnected(
    docker: Docker, host: Host, network: Network, inspect: Inspect, *, force: bool
) -> Disconnected:
    name, remaining = name_in(inspect), other_networks(network, inspect)
    with audited("network.disconnect", network.name, container=name, force=force), engine():
        refuse_unreachable(inspect)
        refuse_hosts(network)
        if endpoint_on(network, inspect) is None:
            return Disconnected(False, host.shown(network), name, remaining)
        docker.disconnect_container_from_network(inspect["Id"], network.id, force=force)
        return Disconnected(True, network_after(docker, network), name, remaining)


def disconnected_by_force(docker: Docker, host: Host, network: Network, name: str) -> Disconnected:
    """Take away what a container left on a network when it went."""
    with audited("network.disconnect", network.name, container=name, force=True), engine():
        if host.is_swarms_own(network):
            raise Conflict(f"The network {network.name} is the swarm’s own.")
        docker.disconnect_container_from_network(name, network.id, force=True)
        return Disconnected(True, network_after(docker, network), name, [])


def network_after(docker: Docker, network: Network) -> Network:
    """The network as it is by now, with those who are on it that lists have."""
    host = look_around(docker)
    return host.shown(host.find(network.id))


def endpoint_left_by(docker: Docker, network: Network, container: str) -> str | None:
    """The name of an endpoint whose container is gone; the Engine calls it by that."""
    left = docker.inspect_network(network.id).get("Containers") or {}
    names = {key: (each or {}).get("Name") or "" for key, each in left.items()}
    return next((name for key, name in names.items() if container in (key, name) and name), None)


def parting(reference: str, container: str) -> Parting:
    """What disconnecting a container from a network would mean. Raise as that would."""
    with engine() as docker:
        host, inspect = look_around(docker), docker.find_container(container)
    network, name = host.find(reference), name_in(inspect)
    refuse_unreachable(inspect)
    refuse_hosts(network)
    if endpoint_on(network, inspect) is None:
        raise Conflict(f"{name} is not on the network {network.name}.")
    mode = f"container:{inspect['Id']}"
    sharing = [name_of(row) for row in host.rows if mode_of(row) == mode]
    return Parting(network, name, other_networks(network, inspect), sharing)


def other_networks(network: Network, inspect: Inspect) -> list[str]:
    present = endpoint_on(network, inspect)
    return [name for name, each in endpoints_in(inspect).items() if each is not present]


def endpoint_on(network: Network, inspect: Inspect) -> dict[str, Any] | None:
    """What the container has on a network; None where it is not on it."""
    if inspect["Id"] not in {member.id for member in network.containers}:
        return None
    found = endpoints_in(inspect)
    by_id = next((each for each in found.values() if each.get("NetworkID") == network.id), None)
    return by_id or found.get(network.name)


def refuse_mode(host: Host, network: Network, inspect: Inspect) -> None:
    """Raise Conflict where the network takes nobody, or the container can be on no other."""
    names = set(endpoints_in(inspect))
    reason = why_nobody(host, network) or why_not_connected(
        mode_of(inspect), names, name_in(inspect)
    )
    if reason:
        raise Conflict(reason)


def refuse_hosts(network: Network) -> None:
    if network.built_in and network.name == "host":
        raise Conflict("Nobody is disconnected from the host’s network: make the container anew.")


def refuse_other(network: Network, inspect: Inspect, present: dict[str, Any], wish: Wish) -> None:
    """Raise Conflict where the container is on the network, but not as it is wished."""
    has = wanted_in(inspect, network.name, present, is_main=False)
    chosen = has.get("IPAMConfig") or {}
    addresses = {
        "ipv4_address": chosen.get("IPv4Address"),
        "ipv6_address": chosen.get("IPv6Address"),
    }
    differs = [field for field in ADDRESSES if getattr(wish, field) not in ("", addresses[field])]
    if differs or set(wish.aliases) - set(has.get("Aliases") or []):
        raise Conflict(
            f"{name_in(inspect)} is on the network {network.name} already, with other names or "
            "addresses. Disconnect it first."
        )


def endpoint_config(wish: Wish) -> dict[str, Any]:
    """The `EndpointConfig` for the Engine."""
    chosen = {"IPv4Address": wish.ipv4_address, "IPv6Address": wish.ipv6_address}
    addresses = {name: address for name, address in chosen.items() if address}
    wanted: dict[str, Any] = {"Aliases": wish.aliases} if wish.aliases else {}
    return wanted | ({"IPAMConfig": addresses} if addresses else {})

"""The networks that a container is on, as they are asked for when it is made."""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from containers.changes import Changes, container_mode, moved_container, understood

DEFAULT_NETWORK = "bridge"
WITHOUT_ENDPOINTS = {"host", "none"}

RUNTIME_FIELDS = {
    "DNSNames",
    "EndpointID",
    "Gateway",
    "GlobalIPv6Address",
    "GlobalIPv6PrefixLen",
    "IPAddress",
    "IPPrefixLen",
    "IPv6Gateway",
    "MacAddress",
    "NetworkID",
}
"""What the Engine fills in while the container runs; everything else was asked for."""

LOCAL_NETWORK_ID = re.compile(r"[0-9a-f]{64}")


def endpoints(
    inspect: Mapping[str, Any], *, changes: Changes | None = None
) -> dict[str, dict[str, Any]]:
    """The `EndpointConfig` of every network that the container is on, by the network's name.

    The network that it is created with comes first. Runtime values are left out. On a Swarm
    network the Engine writes the address that a running container was given where a chosen one
    would stand, so that one is left out there too.
    """
    changes = changes or Changes()
    with understood():
        main = main_network(inspect, changes)
        found = {}
        for name, settings in networks_of(inspect).items():
            identity = settings.get("NetworkID") or name
            new_name = changes.network_names.get(name, changes.network_names.get(identity, name))
            found[new_name] = endpoint(inspect, name, settings, is_main=new_name == main)
        return dict(sorted(found.items(), key=lambda item: item[0] != main))


def networks_of(inspect: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The networks of an inspect on which a container has an endpoint of its own."""
    networks = (inspect.get("NetworkSettings") or {}).get("Networks") or {}
    return {
        name: settings or {} for name, settings in networks.items() if name not in WITHOUT_ENDPOINTS
    }


def endpoint(
    inspect: Mapping[str, Any], name: str, settings: Mapping[str, Any], *, is_main: bool
) -> dict[str, Any]:
    """What was asked for on one network."""
    wanted = {
        field: deepcopy(value)
        for field, value in settings.items()
        if field not in RUNTIME_FIELDS and value
    }
    aliases = [alias for alias in wanted.pop("Aliases", []) if alias != inspect["Id"][:12]]
    if aliases and name != DEFAULT_NETWORK:  # which refuses aliases
        wanted["Aliases"] = aliases
    if has_operational_address(settings):
        wanted.pop("IPAMConfig", None)
    if address := configured_mac(inspect, settings, is_main=is_main):
        wanted["MacAddress"] = address
    return wanted


def has_operational_address(settings: Mapping[str, Any]) -> bool:
    """Whether `IPAMConfig` may hold an address that a Swarm network gave to a running container."""
    network = settings.get("NetworkID") or ""
    chosen = (settings.get("IPAMConfig") or {}).get("IPv4Address")
    return bool(
        network
        and not LOCAL_NETWORK_ID.fullmatch(network)
        and chosen
        and chosen == settings.get("IPAddress")
    )


def configured_mac(
    inspect: Mapping[str, Any], settings: Mapping[str, Any], *, is_main: bool
) -> str:
    """The MAC address that somebody chose for an endpoint; empty for a generated one.

    For the network that the container was created with, Engines before API 1.52 show a chosen
    address, and only that, in `Config`. An endpoint shows whatever it uses. That one was chosen
    if the endpoint is not in use, or if the address is one that is never generated: Engines
    generate locally administered addresses (the second lowest bit of the first byte is set).
    """
    if is_main and (chosen := inspect["Config"].get("MacAddress")):
        return chosen
    shown = settings.get("MacAddress") or ""
    in_use = bool(settings.get("EndpointID"))
    if shown and (not in_use or not int(shown[:2], 16) & 2):
        return shown
    return ""


def network_mode(inspect: Mapping[str, Any], changes: Changes) -> str:
    """`HostConfig.NetworkMode` with names instead of ids, which other Engines do not know."""
    mode = inspect["HostConfig"].get("NetworkMode") or ""
    if other := container_mode(mode):
        return f"container:{moved_container(other, changes) or other}"
    if mode in {"", "default", DEFAULT_NETWORK, *WITHOUT_ENDPOINTS}:
        return mode
    networks = networks_of(inspect)
    name = name_of_network(mode, networks)
    if name not in networks and networks:
        # It has been disconnected since, and the network itself may be gone.
        name = next(iter(networks))
    identity = (networks.get(name) or {}).get("NetworkID") or mode
    return changes.network_names.get(name, changes.network_names.get(identity, name))


def name_of_network(mode: str, networks: Mapping[str, Mapping[str, Any]]) -> str:
    """The name of the network that a mode names by its name, its id or the beginning of it."""
    if mode in networks:
        return mode
    for name, settings in networks.items():
        if (settings.get("NetworkID") or "").startswith(mode):
            return name
    return mode


def main_network(inspect: Mapping[str, Any], changes: Changes) -> str:
    """The name of the network that the container is created with."""
    return main_network_of(network_mode(inspect, changes))


def main_network_of(mode: str | None) -> str:
    """The name of the network that a `NetworkMode` stands for on Linux."""
    return DEFAULT_NETWORK if mode in (None, "", "default") else str(mode)

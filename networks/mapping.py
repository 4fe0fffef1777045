"""From the Engine's JSON to our dataclasses."""

from collections.abc import Iterable
from typing import Any

from accounts.masks import visible_pairs
from containers.labels import stack_of
from containers.mapping import name_of
from engine.times import moment
from networks.services import BUILT_IN
from networks.types import Ipam, Member, Network, Pool


def network_of(row: dict[str, Any], members: list[Member]) -> Network:
    """A network from its entry in the Engine's list, or from its inspect."""
    ipam, labels = row.get("IPAM") or {}, row.get("Labels") or {}
    return Network(
        id=row["Id"],
        name=row["Name"],
        driver=row["Driver"],
        scope=row.get("Scope") or "local",
        internal=bool(row.get("Internal")),
        attachable=bool(row.get("Attachable")),
        ipv6=bool(row.get("EnableIPv6")),
        ipam=Ipam(
            ipam.get("Driver") or "default", [pool_of(one) for one in ipam.get("Config") or []]
        ),
        containers=sorted(members, key=lambda member: member.name.casefold()),
        built_in=row["Name"] in BUILT_IN,
        labels=visible_pairs(labels),
        stack=stack_of(labels),
        created=moment(row.get("Created")),
        options=visible_pairs(row.get("Options") or {}),
        ingress=bool(row.get("Ingress")),
        config_only=bool(row.get("ConfigOnly")),
        config_from=(row.get("ConfigFrom") or {}).get("Network") or None,
    )


def pool_of(config: dict[str, Any]) -> Pool:
    return Pool(
        config.get("Subnet") or None, config.get("Gateway") or None, config.get("IPRange") or None
    )


def members_by_network(
    rows: Iterable[dict[str, Any]], networks: Iterable[dict[str, Any]]
) -> dict[str, list[Member]]:
    """Who is on each network, by its id, from the Engine's lists of containers and of networks.

    Until its next start a container knows only the name of a network that it was put on while it
    did not run, or that was deleted and made again meanwhile; so names are keys too.
    """
    ids = {network["Id"] for network in networks}
    found: dict[str, list[Member]] = {}
    for row in rows:
        for name, endpoint in endpoints_in(row).items():
            known = endpoint.get("NetworkID") or ""
            found.setdefault(known if known in ids else name, []).append(member_of(row, endpoint))
    return found


def endpoints_in(container: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The networks that a container is on, by their names; from its entry or its inspect."""
    return (container.get("NetworkSettings") or {}).get("Networks") or {}


def mode_of(container: dict[str, Any]) -> str:
    """The `NetworkMode` of a container, from its entry or its inspect."""
    return (container.get("HostConfig") or {}).get("NetworkMode") or ""


def member_of(row: dict[str, Any], endpoint: dict[str, Any]) -> Member:
    return Member(
        row["Id"],
        name_of(row),
        endpoint.get("IPAddress") or None,
        endpoint.get("GlobalIPv6Address") or None,
    )

"""From the Engine's JSON to our dataclasses."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from containers.mapping import name_of, stack_of
from networks.services import BUILT_IN
from networks.types import Ipam, Member, Network, Pool


def network_of(row: dict[str, Any], members: list[Member]) -> Network:
    """A network from its entry in the Engine's list, or from its inspect."""
    ipam, labels = row.get("IPAM") or {}, row.get("Labels") or {}
    created = row.get("Created")
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
        labels=labels,
        stack=stack_of(labels),
        created=datetime.fromisoformat(created) if created else None,
    )


def pool_of(config: dict[str, Any]) -> Pool:
    return Pool(
        config.get("Subnet") or None, config.get("Gateway") or None, config.get("IPRange") or None
    )


def members_by_network(rows: Iterable[dict[str, Any]]) -> dict[str, list[Member]]:
    """Who is on each network, by its id, from the Engine's list of containers.

    Until its first start a container knows only the names of its networks; so those are keys too.
    """
    found: dict[str, list[Member]] = {}
    for row in rows:
        networks = (row.get("NetworkSettings") or {}).get("Networks") or {}
        for name, endpoint in networks.items():
            key = endpoint.get("NetworkID") or name
            found.setdefault(key, []).append(member_of(row, endpoint))
    return found


def member_of(row: dict[str, Any], endpoint: dict[str, Any]) -> Member:
    return Member(
        row["Id"],
        name_of(row),
        endpoint.get("IPAddress") or None,
        endpoint.get("GlobalIPv6Address") or None,
    )

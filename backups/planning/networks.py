"""The networks of a restored container: those that exist, and those that have to be made."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from backups.planning.conflicts import fixed_addresses, network_conflicts, overlapping
from backups.planning.ground import Ground
from backups.planning.plan import NetworkPlan
from engine import Docker
from networks.services import BUILT_IN
from networks.services import create_body as network_body


def network_plans(
    ground: Ground, endpoints: dict[str, dict[str, Any]], *, check_addresses: bool
) -> list[NetworkPlan]:
    """The networks that have to be made, after a look at those that exist.

    Those that have a subnet of their own come first: the Engine might give it to one that has not.
    """
    saved = {network["Name"]: network for network in ground.networks}
    # By their exact names: asked for one, the Engine also takes the beginning of an id.
    existing = {network["Name"]: network for network in ground.docker.networks()}
    plans: list[NetworkPlan] = []
    for name, endpoint in endpoints.items():
        if name in BUILT_IN:
            continue
        if name not in existing:
            plan = new_network(ground, name, endpoint, saved.get(name), existing.values())
            plans += [plan] if plan else []
        elif check_addresses:
            network = ground.docker.inspect_network(existing[name]["Id"])
            ground.conflicts += network_conflicts(name, endpoint, network, leaving=ground.leaving)
    return sorted(plans, key=lambda plan: not plan.body["IPAM"]["Config"])


def new_network(
    ground: Ground,
    name: str,
    endpoint: dict[str, Any],
    saved: dict[str, Any] | None,
    existing: Iterable[dict[str, Any]],
) -> NetworkPlan | None:
    """The plan for a network that the host does not have; None, with a conflict, without one."""
    if saved is None:
        message = f"The network {name} does not exist, and the backup does not describe it."
        ground.conflict("network", name, message)
        return None
    if saved.get("Scope") == "swarm" and not is_swarm(ground.docker):
        message = f"The network {name} needs a swarm, and this Engine is in none."
        ground.conflict("network", name, message)
    plan = NetworkPlan(name, network_body(saved, name))
    other = overlapping(plan.body, existing)
    if other is None:
        return plan
    if fixed_addresses(endpoint):
        message = (
            f"The network {name} cannot be made as it was: its subnet overlaps that of {other}, "
            "and the container has a fixed address in it."
        )
        ground.conflict("network", name, message)
        return None
    ipam = plan.body["IPAM"] | {"Config": []}
    note = f", but in another subnet, because {other} has that one"
    return replace(plan, body=plan.body | {"IPAM": ipam}, note=note)


def is_swarm(docker: Docker) -> bool:
    return (docker.info().get("Swarm") or {}).get("LocalNodeState") == "active"

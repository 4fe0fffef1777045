"""Bringing a network back. What is replaced is backed up first, so that nothing can be lost."""

from dataclasses import dataclass
from typing import Any

from accounts.audit import audited, require
from backups.networks.capture import back_up_network
from backups.networks.plan import NetworkOptions, NetworkPlan, plan_network_restore
from containermonkey.problems import Problem
from engine import Docker, engine
from networks.fidelity import differences
from networks.mapping import network_of
from networks.services import create_body
from networks.types import Network


@dataclass(frozen=True)
class Restored:
    """The network as it is now, and every way in which it is not what was saved.

    `replaced` is the backup of the network that had the name; empty where none was replaced.
    """

    network: Network
    report: list[str]
    replaced: str = ""


def restore_network(filename: str, options: NetworkOptions) -> Restored:
    """Make the network of a backup again.

    Raise NotFound, DamagedArchive, or RestoreConflict with everything that is in the way; then
    nothing was touched.
    """
    with audited("network.restore", filename) as details:
        if options.replaces:
            require("network.replace")
        plan = plan_network_restore(filename, options)
        plan.refuse_conflicts()
        details["name"] = plan.name
        with engine() as docker:
            replaced = back_up_network(plan.old.id).filename if plan.old else ""
            made = docker.inspect_network(made_again(docker, plan))
    return Restored(network_of(made, []), differences(plan.body, made), replaced)


def made_again(docker: Docker, plan: NetworkPlan) -> str:
    """Make the network, in the place of the old one if there is one; its id."""
    if plan.old is None:
        return docker.create_network_from_body(plan.body)
    old = create_body(docker.inspect_network(plan.old.id))
    docker.remove_network(plan.old.id)
    return made_or_put_back(docker, plan.body, old)


def made_or_put_back(docker: Docker, body: dict[str, Any], old: dict[str, Any]) -> str:
    """Make a network; where the Engine refuses, the old one is made again."""
    try:
        with engine():
            return docker.create_network_from_body(body)
    except Problem:
        docker.create_network_from_body(old)
        raise

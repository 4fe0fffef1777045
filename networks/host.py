"""One look at all networks of the host, at who is on them, and at why they stay."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from containermonkey.problems import Conflict, EngineRefused, NotAllowed, NotFound, Problem
from engine import Docker, engine
from engine.identity import is_helper, is_hidden, is_program
from networks.mapping import endpoints_in
from networks.queries import found_by, networks_in
from networks.types import Network

SWARMS_OWN = "docker_gwbridge"
"""The bridge over which a swarm's networks reach the host; the Engine makes it by itself."""


@dataclass(frozen=True)
class Host:
    """Every network, with everybody who is on it, ourselves too.

    `rows` is the Engine's list of containers. By ids: `own` are the networks that Container Monkey
    itself is on, `held` those that a job made or works with, `services` the names of the swarm's
    services on each.
    """

    networks: list[Network]
    rows: list[dict[str, Any]]
    own: set[str]
    held: set[str]
    services: dict[str, list[str]]

    def find(self, reference: str) -> Network:
        """By id, name or beginning of an id. Raise NotFound, or Invalid for several of a name."""
        return found_by(self.networks, reference)

    def shown(self, network: Network) -> Network:
        """The same without our own containers and those of jobs, as lists have it."""
        hidden = {row["Id"] for row in self.rows if is_hidden(row["Id"], row["Labels"])}
        members = [member for member in network.containers if member.id not in hidden]
        return replace(network, containers=members)

    def why_kept(self, network: Network) -> Problem | None:
        """Why a network cannot be deleted; None where it can."""
        return next(reasons(self, network), None)

    def is_swarms_own(self, network: Network) -> bool:
        """Whether the Engine made it for its swarm; what is left of one that it left is not."""
        in_a_swarm = any(other.scope == "swarm" for other in self.networks)
        return network.ingress or (in_a_swarm and network.name == SWARMS_OWN)

    def is_unused(self, network: Network) -> bool:
        """Whether nobody would miss it; what only holds settings for others is kept."""
        return not network.config_only and self.why_kept(network) is None

    def refuse_kept(self, network: Network) -> None:
        """Raise Conflict where a network cannot be deleted, NotAllowed where it is our own."""
        if problem := self.why_kept(network):
            raise problem


def look_around(docker: Docker) -> Host:
    """Two calls of the Engine whatever their number, and a third where it is in a swarm."""
    rows, networks = docker.list_containers(), docker.networks()
    found = networks_in(networks, rows)
    made_by_jobs = {row["Id"] for row in networks if is_helper(row["Labels"])}
    return Host(
        networks=found,
        rows=rows,
        own=on_which(found, [row for row in rows if is_program(row["Id"], row["Labels"])]),
        held=made_by_jobs | on_which(found, [row for row in rows if is_helper(row["Labels"])]),
        services=services_on(docker, found),
    )


def current_host() -> Host:
    """A look around the current Engine."""
    with engine() as docker:
        return look_around(docker)


def on_which(networks: list[Network], rows: list[dict[str, Any]]) -> set[str]:
    """The ids of the networks on which one of these containers is."""
    ids = {row["Id"] for row in rows if endpoints_in(row)}
    return {network.id for network in networks if ids & {one.id for one in network.containers}}


def services_on(docker: Docker, networks: list[Network]) -> dict[str, list[str]]:
    """The names of the swarm's services on each network, by its id: they need no container here."""
    swarms = {network.id: network for network in networks if network.scope == "swarm"}
    try:
        with engine():
            services = docker.services() if swarms else []
    except (EngineRefused, NotFound):  # only a manager of the swarm knows them
        return {}
    found: dict[str, list[str]] = {}
    for service in services:
        for target in targets_of(service):
            for network in swarms.values():
                if target in (network.id, network.name):
                    found.setdefault(network.id, []).append(service["Spec"]["Name"])
    return found


def targets_of(service: dict[str, Any]) -> set[str]:
    """The ids or names of the networks that a service is to be on."""
    spec = service["Spec"]
    wanted = (spec["TaskTemplate"].get("Networks") or []) + (spec.get("Networks") or [])
    addresses = (service.get("Endpoint") or {}).get("VirtualIPs") or []
    return {each["Target"] for each in wanted} | {each["NetworkID"] for each in addresses}


def reasons(host: Host, network: Network) -> Iterator[Problem]:
    """Everything that speaks against deleting a network, what cannot be changed first."""
    name = network.name
    if network.built_in:
        yield Conflict(f"{name} is one of Docker’s own networks, which every host has.")
    if host.is_swarms_own(network):
        yield Conflict(f"The network {name} is the swarm’s own.")
    if network.id in host.own:
        yield NotAllowed(f"Container Monkey itself is on the network {name}.")
    if network.id in host.held:
        yield Conflict(f"A job works with the network {name}. Wait until it is over, or cancel it.")
    if network.containers:
        names = [member.name for member in network.containers]
        yield Conflict(
            f"The network {name} is in use by {', '.join(names)}. "
            "Disconnect or delete what is on it first.",
            containers=names,
        )
    if services := host.services.get(network.id):
        yield Conflict(f"The network {name} is in use by the swarm’s {', '.join(services)}.")
    if network.config_only and (users := users_of(host, network)):
        yield Conflict(f"The network {name} holds the settings of {', '.join(users)}.")


def users_of(host: Host, network: Network) -> list[str]:
    """The names of the networks that take their settings from this one."""
    return [other.name for other in host.networks if other.config_from == network.name]

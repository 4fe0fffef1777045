"""What the restore of a network would do, and what is in its way; nothing is touched."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from backups.archive.reader import ArchiveReader
from backups.errors import RestoreConflict
from backups.files import archive_path
from backups.networks.manifest import ArchivedNetwork, read_network
from backups.options import OnConflict
from backups.planning.conflicts import overlapping
from backups.planning.networks import is_swarm
from backups.planning.planner import free_name
from backups.types import Conflict, Plan
from containermonkey.problems import Invalid
from engine import Docker, engine
from engine.names import REFERENCE
from networks.queries import networks_of
from networks.services import BUILT_IN, create_body
from networks.types import Network

LONGEST_NAME = 200


@dataclass(frozen=True)
class NetworkOptions:
    """`on_conflict`: what happens where a network has the name. Raise Invalid for what is none."""

    new_name: str = ""
    on_conflict: OnConflict = "fail"

    @property
    def replaces(self) -> bool:
        """Whether something that is there may be lost by it; that takes a right of its own."""
        return self.on_conflict == "replace"

    def __post_init__(self) -> None:
        if self.on_conflict not in ("fail", "replace", "rename"):
            reason = "must be fail, replace or rename"
            raise Invalid(f"on_conflict {reason}.", fields={"on_conflict": reason})
        if self.new_name and not is_name(self.new_name):
            reason = "must be letters, digits, or any of _ . - after the first"
            raise Invalid(f"A name {reason}.", fields={"new_name": reason})


def is_name(text: str) -> bool:
    return len(text) <= LONGEST_NAME and REFERENCE.fullmatch(text) is not None


@dataclass
class NetworkPlan:
    """`old` is the network that is replaced, `members` the containers that were on it."""

    name: str
    body: dict[str, Any]
    members: list[str]
    old: Network | None = None
    conflicts: list[Conflict] = field(default_factory=list)

    def refuse_conflicts(self) -> None:
        """Raise RestoreConflict where something is in the way."""
        if self.conflicts:
            raise RestoreConflict(self.conflicts)

    def in_words(self) -> Plan:
        steps = []
        if self.old:
            steps.append(f"Back up the present network {self.name}, to which nothing is attached.")
            steps.append("Remove it.")
        subnets = [pool["Subnet"] for pool in self.body["IPAM"]["Config"] if pool.get("Subnet")]
        where = f" ({', '.join(subnets)})" if subnets else ""
        steps.append(f"Create the network {self.name} as it was{where}.")
        steps.append("Compare it with the saved one, and name every difference.")
        if self.members:
            steps.append(f"No container is connected. It had: {', '.join(self.members)}.")
        return Plan(self.name, steps, self.conflicts)


def plan_network_restore(filename: str, options: NetworkOptions) -> NetworkPlan:
    """The plan for bringing an archive's network back. Raise NotFound, DamagedArchive."""
    with ArchiveReader(archive_path(filename)) as archive:
        saved = read_network(archive)
    with engine() as docker:
        return planned(docker, saved, options)


def planned(docker: Docker, saved: ArchivedNetwork, options: NetworkOptions) -> NetworkPlan:
    present = networks_of(docker, hidden=True)
    name = options.new_name or saved.name
    plan = NetworkPlan(name, {}, saved.containers)
    namesakes = [network for network in present if network.name == name]
    if name in BUILT_IN:
        message = f"{name} is one of Docker’s own networks; give another name."
        plan.conflicts.append(Conflict("name", name, message, "new_name"))
    elif namesakes and options.on_conflict == "rename":
        plan.name = free_name(name, {network.name for network in present})
    elif namesakes and options.on_conflict == "fail":
        message = f"A network has the name {name}."
        plan.conflicts.append(Conflict("name", name, message, "on_conflict"))
    elif namesakes:
        plan.conflicts += why_not_replaced(namesakes)
        plan.old = namesakes[0]
    plan.body = create_body(saved.inspect, plan.name)
    leaving = {network.id for network in namesakes if plan.old or options.on_conflict == "fail"}
    rows = [row for row in docker.networks() if row["Id"] not in leaving]
    plan.conflicts += ground_conflicts(docker, plan, rows)
    return plan


def why_not_replaced(namesakes: list[Network]) -> list[Conflict]:
    """What speaks against replacing the network that has the name."""
    old = namesakes[0]
    if len(namesakes) > 1:
        ids = ", ".join(network.id[:12] for network in namesakes)
        message = f"Several networks have the name {old.name} ({ids}): delete all but one first."
    elif old.containers:
        names = ", ".join(member.name for member in old.containers)
        message = f"The present network {old.name} is in use by {names}: disconnect them first."
    else:
        return []
    return [Conflict("name", old.name, message, "new_name")]


def ground_conflicts(
    docker: Docker, plan: NetworkPlan, rows: Iterable[dict[str, Any]]
) -> list[Conflict]:
    """What the host lacks, or has already given to another network."""
    body, found = plan.body, []
    rows = list(rows)
    other = None if body.get("ConfigOnly") else overlapping(body, beside(body, rows))
    if other:
        message = f"Its subnet overlaps that of the network {other}."
        found.append(Conflict("subnet", other, message))
    if body.get("Scope") == "swarm" and not is_swarm(docker):
        message = f"The network {plan.name} needs a swarm, and this Engine is in none."
        found.append(Conflict("network", plan.name, message))
    origin = (body.get("ConfigFrom") or {}).get("Network")
    if origin and not any(row["Name"] == origin for row in rows):
        message = f"It takes its settings from the network {origin}, which does not exist."
        found.append(Conflict("network", origin, message))
    return found


def beside(body: dict[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The networks that take addresses out of the same space: those of a swarm have their own."""
    scope = body.get("Scope") or "local"
    return [
        row for row in rows if not row.get("ConfigOnly") and (row.get("Scope") or "local") == scope
    ]

"""The plan of a whole set's restore: each member's own, made with the others in sight."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from backups import manifest as manifests
from backups.archive.reader import ArchiveReader
from backups.consistency import Member, in_dependence_order
from backups.errors import RestoreConflict
from backups.planning import NetworkPlan, Others, RestorePlan, VolumePlan, plan_restore
from backups.sets.options import SetOptions
from backups.types import Conflict, Plan
from containers.acts import container_named
from containers.neighbours import Neighbours
from engine import Docker


@dataclass(frozen=True)
class PlannedMember:
    archive: ArchiveReader
    plan: RestorePlan


@dataclass(frozen=True)
class SetPlan:
    """What will be done for each member, in order of dependence, and what is in the way of any."""

    members: list[PlannedMember]
    conflicts: list[Conflict]

    @property
    def networks(self) -> list[NetworkPlan]:
        """All that have to be made; those with a subnet of their own come first."""
        found = [network for member in self.members for network in member.plan.networks]
        return sorted(found, key=lambda network: not network.body["IPAM"]["Config"])

    @property
    def containers(self) -> list[RestorePlan]:
        """Those plans that make a container; a swarm makes its tasks by itself."""
        return [member.plan for member in self.members if not member.plan.data_only]

    def refuse_conflicts(self) -> None:
        """Raise RestoreConflict where the options leave something open."""
        if self.conflicts:
            raise RestoreConflict(self.conflicts)

    def in_words(self) -> list[Plan]:
        return [member.plan.in_words() for member in self.members]


def plan_set(
    docker: Docker,
    archives: Collection[ArchiveReader],
    missing: Collection[str],
    options: SetOptions,
    job: str = "plan",
) -> SetPlan:
    """The plan for bringing all members of a set back; nothing is touched.

    `missing` names the members whose archives are not there. Raise DamagedArchive for an archive
    whose description cannot be relied on.
    """
    ordered = in_order_of_dependence(archives)
    others = others_of(docker, ordered, options)
    planned: list[PlannedMember] = []
    for archive in ordered:
        chosen = options.for_member(archive.manifest["container"]["name"])
        plan = plan_restore(docker, archive, chosen, job, others)
        without_what_is_done(plan, [member.plan for member in planned])
        if not plan.data_only:
            others.containers.append(as_row(plan))
        planned.append(PlannedMember(archive, plan))
    made_again_once([member.plan for member in planned])
    conflicts = [*gone(missing), *unknown(ordered, options)]
    conflicts += [conflict for member in planned for conflict in member.plan.conflicts]
    return SetPlan(planned, list(dict.fromkeys(conflicts)))


def in_order_of_dependence(archives: Collection[ArchiveReader]) -> list[ArchiveReader]:
    """Each after those that its container needs."""
    by_id = {}
    for archive in archives:
        manifests.checked(archive.manifest)
        by_id[archive] = Member.of(manifests.checked_inspect(archive))
    ordered = in_dependence_order(list(by_id.values()))
    return sorted(archives, key=lambda archive: ordered.index(by_id[archive]))


def others_of(docker: Docker, archives: list[ArchiveReader], options: SetOptions) -> Others:
    """What each member's plan has to know of the whole."""
    names = {archive.manifest["container"]["name"] for archive in archives}
    neighbours = Neighbours(docker)
    others = Others(names=names, neighbours=neighbours)
    if options.on_conflict == "replace":
        for old in filter(None, map(container_named, sorted(names))):
            leaving = [old, *neighbours.depending_on(old)]
            others.leaving |= {inspect["Id"] for inspect in leaving}
    return others


def without_what_is_done(plan: RestorePlan, earlier: list[RestorePlan]) -> None:
    """Take out what the plan of an earlier member does already: it is done once.

    A volume that several members mount is filled from the archive of the first.
    """
    networks = {network.name for other in earlier for network in other.networks}
    volumes = {place(volume) for other in earlier for volume in other.volumes}
    images = {other.image.reference for other in earlier if other.image}
    plan.networks = [network for network in plan.networks if network.name not in networks]
    plan.volumes = [
        replace(volume, act="shared", new=False) if place(volume) in volumes else volume
        for volume in plan.volumes
    ]
    if plan.image and plan.image.reference in images:
        plan.image = replace(plan.image, act="found")


def place(volume: VolumePlan) -> tuple[str, str]:
    return volume.source["type"], volume.name


def as_row(plan: RestorePlan) -> dict[str, Any]:
    """A container that will be there, as the Engine would list it: its ports are taken."""
    ports = [
        {
            "IP": binding.get("HostIp") or "",
            "PublicPort": binding.get("HostPort"),
            "Type": port.partition("/")[2] or "tcp",
        }
        for port, bindings in (plan.body["HostConfig"].get("PortBindings") or {}).items()
        for binding in bindings or []
    ]
    return {
        "Id": "",
        "Names": [f"/{plan.name}"],
        "State": "created",
        "Mounts": [],
        "Ports": ports if plan.start else [],
    }


def made_again_once(plans: list[RestorePlan]) -> None:
    """Have whoever depends on several members be made again after the last of them."""
    known: set[str] = set()
    for plan in reversed(plans):
        plan.sharing = [inspect for inspect in plan.sharing if inspect["Id"] not in known]
        known |= {inspect["Id"] for inspect in plan.sharing}


def gone(missing: Collection[str]) -> list[Conflict]:
    return [
        Conflict(
            "member",
            name,
            f"The backup of {name} is not there, so the set is not whole. The others can be "
            "restored one by one.",
        )
        for name in missing
    ]


def unknown(archives: list[ArchiveReader], options: SetOptions) -> list[Conflict]:
    """Ports that were given for containers which are not in the set."""
    names = {archive.manifest["container"]["name"] for archive in archives}
    return [
        Conflict("port", name, f"No container of the set is named {name}.", "port_overrides")
        for name in options.port_overrides
        if name not in names
    ]

"""Makes the plan of a restore: looks at everything it would meet, and touches nothing."""

import re
import secrets
from dataclasses import replace
from typing import Any

from backups import manifest as manifests
from backups.archive.reader import ArchiveReader
from backups.conflicts import fixed_addresses, network_conflicts, overlapping, taken_ports
from backups.options import RestoreOptions
from backups.plan import ImagePlan, NetworkPlan, RestorePlan, VolumePlan
from backups.sources import OwnData, reason_to_skip
from backups.types import Conflict
from containermonkey.problems import NotFound
from containers.acts import container_named
from containers.changes import Changes, container_mode, referenced_containers
from containers.create_body import create_body
from containers.endpoints import endpoints as endpoints_of
from containers.swap import sharing_with
from engine import Docker, engine, identity
from networks.services import BUILT_IN
from networks.services import create_body as network_body
from volumes.aside import Place, can_overwrite
from volumes.services import folder_state


def plan_restore(
    docker: Docker, archive: ArchiveReader, options: RestoreOptions, job: str = "plan"
) -> RestorePlan:
    """The plan for bringing an archive's container back on this Engine.

    `job` labels the helper containers that look at folders of the host. Raise DamagedArchive for
    an archive whose manifest cannot be relied on.
    """
    return Planner(docker, archive, options, job).plan()


class Planner:
    """Looks at one archive and one Engine."""

    def __init__(
        self, docker: Docker, archive: ArchiveReader, options: RestoreOptions, job: str
    ) -> None:
        self.docker = docker
        self.archive = archive
        self.options = options
        self.job = job
        self.manifest = manifests.checked(archive.manifest)
        self.inspect = manifests.checked_inspect(archive)
        self.networks = manifests.checked_networks(archive)
        self.containers = docker.list_containers()
        self.conflicts: list[Conflict] = []
        self.notes: list[str] = []

    def plan(self) -> RestorePlan:
        options, container = self.options, self.manifest["container"]
        name, old = self.name_and_old()
        ran = bool(container.get("running"))
        start = ran if options.start is None else options.start
        sharing = sharing_with(self.docker, old) if old else []
        self.leaving = {item["Id"] for item in [old, *sharing] if item}
        image = self.image_plan()
        volumes = [self.volume_plan(source) for source in self.manifest["sources"]]
        changes = self.changes(image, volumes, name)
        body = create_body(self.inspect, changes=changes)
        endpoints = endpoints_of(self.inspect, changes=changes)
        networks = self.network_plans(endpoints, check_addresses=start)
        if start:
            self.conflicts += taken_ports(body, self.containers, leaving=self.leaving)
        self.note_what_is_missing()
        return RestorePlan(
            name=name,
            start=start,
            pause=start and options.start is None and bool(container.get("paused")),
            old=old,
            image=image,
            networks=networks,
            volumes=volumes,
            changes=changes,
            body=body,
            endpoints=endpoints,
            sharing=sharing,
            notes=self.notes,
            conflicts=self.conflicts,
        )

    def name_and_old(self) -> tuple[str, dict[str, Any] | None]:
        """The name that the container will have, and the container that it replaces, if any."""
        name = self.options.new_name or self.manifest["container"]["name"]
        existing = container_named(name)
        if existing is None:
            return name, None
        if self.options.on_conflict == "rename":
            taken = {text.removeprefix("/") for item in self.containers for text in item["Names"]}
            return free_name(name, taken), None
        is_ours = identity.is_ours(existing["Id"], existing["Config"].get("Labels"))
        if is_ours or self.options.on_conflict == "fail":
            whose = "This program's own container" if is_ours else "A container"
            self.conflicts.append(
                Conflict(
                    kind="name",
                    name=name,
                    message=f"{whose} has the name {name}.",
                    answer="new_name" if is_ours else "on_conflict",
                )
            )
            return name, None
        return name, existing

    def image_plan(self) -> ImagePlan | None:
        """Where the image comes from: the host if it has the very same, else the archive."""
        saved = self.manifest["image"]
        reference, tagged = saved["reference"], self.docker.find_image(saved["reference"])
        if tagged and tagged["Id"] == saved["id"]:
            return ImagePlan("found", reference)
        if self.docker.find_image(saved["id"]):
            return ImagePlan("found", saved["id"])
        if self.archive.has_image():
            by_id = tagged is not None or is_id(reference)
            return ImagePlan("archive", saved["id"] if by_id else reference)
        for digest in saved.get("digests") or []:
            return ImagePlan("pull", digest, pull=digest)
        if tagged:
            note = f"It is another image than the one that was backed up ({saved['id'][:19]})."
            return ImagePlan("found", reference, note=note)
        if not is_id(reference):
            return ImagePlan("pull", reference, pull=reference)
        self.conflicts.append(
            Conflict(
                kind="image",
                name=reference,
                message=f"The image {reference} is neither on the host nor in the backup, "
                "and has no name by which it could be pulled.",
            )
        )
        return None

    def volume_plan(self, source: dict[str, Any]) -> VolumePlan:
        """What happens with one volume or folder of the archive."""
        if source["type"] == "bind":
            return self.folder_plan(source)
        name = source["name"]
        existing = self.docker.find_volume(name)
        if existing is None:
            return VolumePlan(source, name, "create")
        if self.options.overwrite_volumes is False:
            return VolumePlan(source, name, "keep")
        if self.options.overwrite_volumes is None:
            if self.options.on_conflict == "rename":
                return VolumePlan(source, self.free_volume_name(source), "create")
            self.conflicts.append(
                Conflict(
                    kind="volume",
                    name=name,
                    message=f"The volume {name} exists. Is its content to be replaced or kept?",
                    answer="overwrite_volumes",
                )
            )
            return VolumePlan(source, name, "keep")
        self.check_overwriting(source, "volume", existing["Mountpoint"])
        return VolumePlan(source, name, "overwrite", path=existing["Mountpoint"])

    def folder_plan(self, source: dict[str, Any]) -> VolumePlan:
        """What happens with a folder of the host, or with a single file of it."""
        path, keep = source["name"], VolumePlan(source, source["name"], "keep")
        mount = {"Type": "bind", "Source": path}
        reason = reason_to_skip(mount, OwnData.of(self.docker), include_bind_mounts=True)
        if reason:
            self.conflicts.append(Conflict("folder", path, f"{path} is not restored. {reason}"))
            return keep
        state = folder_state(self.docker, path, self.job)
        if self.options.overwrite_volumes is False and state != "missing":
            return keep
        if source.get("file") or state == "file":
            self.conflicts.append(
                Conflict(
                    kind="folder",
                    name=path,
                    message=f"{path} is a single file of the host, which is not overwritten; "
                    "its content in the backup can be taken out by hand.",
                    answer="overwrite_volumes",
                )
            )
            return keep
        if state in ("missing", "empty"):
            return VolumePlan(source, path, "fill", path=path)
        if self.options.overwrite_volumes is None:
            self.conflicts.append(
                Conflict(
                    kind="folder",
                    name=path,
                    message=f"The folder {path} of the host is not empty. "
                    "Is its content to be replaced or kept?",
                    answer="overwrite_volumes",
                )
            )
            return keep
        self.check_overwriting(source, "bind", path)
        return VolumePlan(source, path, "overwrite", path=path)

    def check_overwriting(self, source: dict[str, Any], kind: str, path: str) -> None:
        """Find out whether what is to be overwritten is free, and whether it can be done."""
        name = source["name"]
        for container in self.containers:
            mounted = {
                mount.get("Name") or mount.get("Source") for mount in container.get("Mounts") or []
            }
            running = container["State"] in ("running", "paused", "restarting")
            if running and name in mounted and container["Id"] not in self.leaving:
                holder = container["Names"][0].removeprefix("/")
                self.conflicts.append(
                    Conflict(
                        kind="volume_in_use",
                        name=name,
                        message=f"{holder} is running and uses {name}; stop it before its data "
                        "is replaced.",
                    )
                )
        if not can_overwrite(self.docker, Place(kind, name, path, source["key"], self.job)):
            self.conflicts.append(
                Conflict(
                    kind="volume",
                    name=name,
                    message=f"The content of {name} cannot be replaced from here: its directory "
                    "is out of reach and CONTAINERMONKEY_HELPER_IMAGE names no image on the "
                    "host. Restoring into new volumes, or keeping the content, is possible.",
                    answer="on_conflict",
                )
            )

    def free_volume_name(self, source: dict[str, Any]) -> str:
        """A name for a new volume beside the existing one."""
        if source.get("anonymous"):
            return secrets.token_hex(32)
        name, number = f"{source['name']}-restored", 1
        while self.docker.find_volume(name):
            number += 1
            name = f"{source['name']}-restored-{number}"
        return name

    def changes(self, image: ImagePlan | None, volumes: list[VolumePlan], name: str) -> Changes:
        """What is different about the container from the one in the archive."""
        return Changes(
            image=image.reference if image else None,
            port_overrides=self.options.port_overrides,
            volume_names={
                plan.source["name"]: plan.name
                for plan in volumes
                if plan.name != plan.source["name"]
            },
            containers=self.referenced(),
            host_name=(self.manifest.get("host") or {}).get("name"),
        )

    def referenced(self) -> dict[str, str | None]:
        """What the containers that this one refers to are called now; None for those gone."""
        names = self.manifest["container"].get("references") or {}
        modes = {
            container_mode(self.inspect["HostConfig"].get(field))
            for field in ("NetworkMode", "IpcMode", "PidMode")
        }
        found: dict[str, str | None] = {}
        for reference in referenced_containers(self.inspect):
            found[reference] = self.present(reference) or self.present(names.get(reference, ""))
            if found[reference] is None and reference in modes:
                wanted = names.get(reference, reference)
                self.conflicts.append(
                    Conflict(
                        kind="container",
                        name=wanted,
                        message=f"It uses the network or processes of the container {wanted}, "
                        "which does not exist; restore that one first.",
                    )
                )
        return found

    def present(self, reference: str) -> str | None:
        """The name of a container if there is one of this id or name."""
        if not reference:
            return None
        try:
            with engine():
                return self.docker.find_container(reference)["Name"].removeprefix("/")
        except NotFound:
            return None

    def network_plans(
        self, endpoints: dict[str, dict[str, Any]], *, check_addresses: bool
    ) -> list[NetworkPlan]:
        """The networks that have to be made, after a look at those that exist."""
        saved = {network["Name"]: network for network in self.networks}
        plans = []
        for name, endpoint in endpoints.items():
            existing = None if name in BUILT_IN else self.docker.find_network(name)
            if existing and check_addresses:
                self.conflicts += network_conflicts(name, endpoint, existing, leaving=self.leaving)
            elif not existing and name not in BUILT_IN:
                plans += self.new_network(name, endpoint, saved.get(name))
        return plans

    def new_network(
        self, name: str, endpoint: dict[str, Any], saved: dict[str, Any] | None
    ) -> list[NetworkPlan]:
        """The plan for a network that the host does not have."""
        if saved is None:
            message = f"The network {name} does not exist, and the backup does not describe it."
            self.conflicts.append(Conflict("network", name, message))
            return []
        plan = NetworkPlan(name, network_body(saved, name))
        if saved.get("Scope") == "swarm" and not is_swarm(self.docker):
            message = f"The network {name} needs a swarm, and this Engine is in none."
            self.conflicts.append(Conflict("network", name, message))
        other = overlapping(plan.body, self.docker.networks())
        if other is None:
            return [plan]
        if fixed_addresses(endpoint):
            message = (
                f"The network {name} cannot be made as it was: its subnet overlaps that of "
                f"{other}, and the container has a fixed address in it."
            )
            self.conflicts.append(Conflict("network", name, message))
            return []
        ipam = plan.body["IPAM"] | {"Config": []}
        note = f", but in another subnet, because {other} has that one"
        return [replace(plan, body=plan.body | {"IPAM": ipam}, note=note)]

    def note_what_is_missing(self) -> None:
        """Say which mounts come back without what was in them."""
        for item in self.manifest.get("skipped") or []:
            if item.get("type") in ("volume", "bind"):
                self.notes.append(
                    f"What was mounted at {item['destination']} is not in the backup: "
                    f"{item['reason']}"
                )


def free_name(name: str, taken: set[str]) -> str:
    """`<name>-restored`, with a number behind it where that is taken."""
    free, number = f"{name}-restored", 1
    while free in taken:
        number += 1
        free = f"{name}-restored-{number}"
    return free


def is_id(reference: str) -> bool:
    """Whether an image was named by its id, which no registry knows."""
    return re.fullmatch(r"(sha256:)?[0-9a-f]{64}|[0-9a-f]{12}", reference) is not None


def is_swarm(docker: Docker) -> bool:
    return (docker.info().get("Swarm") or {}).get("LocalNodeState") == "active"

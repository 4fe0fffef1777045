"""The plan of a rehearsal: a restore in which everything is new, and thrown away afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from backups.archive.reader import ArchiveReader
from backups.options import RestoreOptions
from backups.planning.ground import Ground
from backups.planning.images import image_plan
from backups.planning.isolation import (
    aliases_of,
    is_without_network,
    isolated_body,
    left_out,
    throw_away_mounts,
)
from backups.planning.plan import ImagePlan, NetworkPlan, RestorePlan, VolumePlan
from backups.types import Plan
from containermonkey import figures
from engine import Docker
from engine.identity import JOB_LABEL

LONGEST_NAME = 100
"""Letters of a container's name that go into those of what is made for its rehearsal."""

ALONE = (
    "It is alone, without a way out: a container that needs other services or the internet may "
    "fail for that, and its backup be good all the same."
)


@dataclass
class RehearsalPlan(RestorePlan):
    """`saved_name` is what the container is called that is tried out.

    `contents` are what the saved volumes and folders are called that go into `volumes`.

    `files` are mounts of a single file, whose content is put into the container itself.
    `may_end`: it did not run when it was backed up, so it need not go on running. `size` are the
    bytes of all files that are filled in.
    """

    saved_name: str = ""
    contents: list[str] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    may_end: bool = False
    size: int = 0

    def in_words(self) -> Plan:
        return Plan(self.saved_name, list(self._steps()), self.conflicts)

    def _steps(self) -> Iterator[str]:
        yield "Read the whole archive and compare every byte with what was written."
        if self.image:
            yield from self._image_steps(self.image)
        if self.networks:
            yield "Create a network without a way out, for this alone."
        for title in self.contents:
            yield f"Fill a throw-away volume with the content of {title}."
        if self.volumes:
            size = figures.size(self.size)
            yield f"Compare names, owners, modes and sizes of what was filled in, {size}."
        yield f"Create {self.saved_name} under another name, with nothing of the host."
        for source in self.files:
            yield f"Put the file {', '.join(source['destinations'])} into it."
        yield "Start it, and wait until it is healthy or has stayed up for a while."
        yield "Remove all of it again."
        yield from self.notes


def plan_rehearsal(docker: Docker, archive: ArchiveReader, job: str = "plan") -> RehearsalPlan:
    """The plan for trying a backup out on this Engine; nothing is touched.

    `job` labels what is made, and is in its names. Raise DamagedArchive for an archive whose
    description cannot be relied on.
    """
    ground = Ground.of(docker, archive, RestoreOptions(), job)
    inspect, container = ground.inspect, ground.manifest["container"]
    name = f"{container['name'][:LONGEST_NAME]}-rehearsal-{job[:8]}"
    image = image_at_hand(ground)
    sources = ground.manifest["sources"]
    files = [source for source in sources if source.get("file")]
    trees = [source for source in sources if not source.get("file")]
    volumes = [throw_away(name, source, job) for source in trees]
    network = None if is_without_network(inspect) else name
    mounts = [
        mount
        for volume in volumes
        for mount in throw_away_mounts(inspect, volume.source, volume.name)
    ]
    parts = [part for volume in volumes if (part := archive.index.tree(volume.key))]
    return RehearsalPlan(
        name=name,
        start=True,
        pause=False,
        image=image,
        networks=[NetworkPlan(name, network_body(name, job))] if network else [],
        volumes=volumes,
        body=isolated_body(
            inspect,
            mounts,
            image=image.reference if image else inspect["Config"]["Image"],
            network=network,
            job=job,
            writable=bool(files),
        ),
        endpoints={network: {"Aliases": aliases_of(inspect, container["name"])}} if network else {},
        notes=[*left_out(inspect), *missing(ground), ALONE],
        conflicts=ground.conflicts,
        saved_name=container["name"],
        contents=[VolumePlan(source, source["name"], "create").title for source in trees],
        files=files,
        may_end=not container.get("running"),
        size=sum(part.content_size for part in parts),
    )


def image_at_hand(ground: Ground) -> ImagePlan | None:
    """The image from the host or from the archive; a conflict where it is in neither."""
    image = image_plan(ground)
    if image is None or image.act != "pull":
        return image
    message = (
        f"The image {image.pull} is neither on the host nor in the backup, and a rehearsal pulls "
        "nothing."
    )
    ground.conflict("image", image.pull, message)
    return None


def throw_away(name: str, source: dict[str, Any], job: str) -> VolumePlan:
    """A new volume of the Engine's own kind for the content of any volume or folder."""
    plain = {"Driver": "local", "Labels": {JOB_LABEL: job}}
    own = source | {"type": "volume", "anonymous": False, "volume": plain}
    return VolumePlan(own, f"{name}-{source['key']}", "create", new=True)


def network_body(name: str, job: str) -> dict[str, Any]:
    """A network that leads nowhere, not even to the host that it is on.

    Engines lead an internal network no further than to the host, whose own services answer there.
    The host goes without an address on this one.
    """
    return {
        "Name": name,
        "Driver": "bridge",
        "Internal": True,
        "CheckDuplicate": True,
        "Labels": {JOB_LABEL: job},
        "Options": {"com.docker.network.bridge.inhibit_ipv4": "true"},
    }


def missing(ground: Ground) -> list[str]:
    """Which mounts the container does without, because the backup does not hold them."""
    return [
        f"Nothing is mounted at {item['destination']}: it is not in the backup."
        for item in ground.manifest.get("skipped") or []
        if item["type"] in ("volume", "bind")
    ]

"""What a restore will do: found out beforehand, told in plain words, then carried out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from backups.errors import RestoreConflict
from backups.types import Conflict, Plan


@dataclass(frozen=True)
class VolumePlan:
    """A volume or folder of the archive and where its content goes.

    `act`: `create` and fill a volume of that name, `overwrite` the content of what is there,
    `fill` an empty or missing folder, `keep` what is there, or `leave` a volume empty; `shared`
    where another container of the same set fills it, `open` where that has yet to be chosen.
    `path` is where it lies on the host. A volume that is `new` has to be made first, whatever is
    done then: it may stand for a folder in which something is.
    """

    source: dict[str, Any]
    name: str
    act: str
    path: str = ""
    new: bool = False

    @property
    def key(self) -> str:
        return self.source["key"]

    @property
    def renamed(self) -> bool:
        """Whether the content goes into a volume of another name."""
        return self.name != self.source["name"]

    @property
    def title(self) -> str:
        if self.source.get("anonymous"):
            return f"the anonymous volume at {self.source['destinations'][0]}"
        return f"the {'volume' if self.source['type'] == 'volume' else 'folder'} {self.name}"


@dataclass(frozen=True)
class NetworkPlan:
    """A network to be made, because the host has none of its name."""

    name: str
    body: dict[str, Any]
    note: str = ""


@dataclass(frozen=True)
class ImagePlan:
    """Where the image comes from: `act` is `found`, `archive` or `pull`.

    `reference` is what the container is made from, `pull` what is asked of the registry.
    """

    act: str
    reference: str
    pull: str = ""
    note: str = ""


@dataclass
class RestorePlan:
    """Everything that is decided before anything is touched.

    With `data_only` no container is made: a swarm makes those of its services by itself.
    """

    name: str
    start: bool
    pause: bool
    overwrite_volumes: bool | None = None
    old: dict[str, Any] | None = None
    host_name: str | None = None
    image: ImagePlan | None = None
    networks: list[NetworkPlan] = field(default_factory=list)
    volumes: list[VolumePlan] = field(default_factory=list)
    body: dict[str, Any] = field(default_factory=dict)
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    sharing: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    data_only: bool = False

    def refuse_conflicts(self) -> None:
        """Raise RestoreConflict where the options leave something open."""
        if self.conflicts:
            raise RestoreConflict(self.conflicts)

    def in_words(self) -> Plan:
        return Plan(self.name, list(self._steps()), self.conflicts)

    def _steps(self) -> Iterator[str]:
        if self.image:
            yield from self._image_steps(self.image)
        for network in self.networks:
            yield f"Create the network {network.name} as it was{network.note}."
        for volume in self.volumes:
            if volume.new and volume.act != "create":
                yield f"Create {volume.title} as it was."
            if volume.act in VOLUME_STEPS:
                yield VOLUME_STEPS[volume.act].format(title=volume.title, until=self._until)
        if self.data_only:
            yield DATA_ONLY
        else:
            yield from self._container_steps()
        yield from self.notes

    @property
    def _until(self) -> str:
        """Until when what is overwritten is kept, so that a failure can bring it back."""
        return "everything is restored" if self.data_only else "the restored container is up"

    def _container_steps(self) -> Iterator[str]:
        if self.old:
            stop = "Stop and keep" if self.old["State"]["Running"] else "Keep"
            yield f"{stop} the present container {self.name} until the restored one is up."
        yield f"Create the container {self.name}."
        if self.start:
            pause = " and pause it" if self.pause else ""
            yield f"Start it, wait until it is up{pause}."
        else:
            yield "Leave it stopped."
        for other in self.sharing:
            other_name = other["Name"].removeprefix("/")
            yield f"Make {other_name} again, which depends on {self.name}."
        if self.old:
            yield "Remove the container that it replaces; its volumes stay."

    def _image_steps(self, image: ImagePlan) -> Iterator[str]:
        yield {
            "found": f"Use the image {image.reference}, which is on the host.",
            "archive": f"Load the image {image.reference} from the backup.",
            "pull": f"Pull the image {image.pull}.",
        }[image.act]
        if image.note:
            yield image.note


DATA_ONLY = (
    "Make no container: it was a task of a swarm service, and the swarm makes those by itself. "
    "Deploy the stack afterwards, or scale the service up again."
)

VOLUME_STEPS = {
    "create": "Create {title} and fill it from the backup.",
    "overwrite": "Replace the content of {title} by that of the backup; "
    "the present content is kept until {until}.",
    "fill": "Fill {title} from the backup.",
    "shared": "Use {title}, which is filled once for all that share it.",
    "open": "Replace or keep the content of {title}, as you choose.",
    "keep": "Keep the present content of {title}; that of the backup is not used.",
}

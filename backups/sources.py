"""Which of a container's mounts are read into a backup, and why the others are not."""

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from backups.errors import CannotBackUp
from backups.protected import reason_to_skip
from containermonkey.problems import NotFound
from containers.memory_folders import all_mounts
from engine import Docker, engine, identity
from volumes.protected import OWN, OwnData, bound_folder, leads_to_own_data
from volumes.queries import is_anonymous
from volumes.services import FolderState, folder_state


@dataclass(frozen=True)
class Source:
    """A volume or bind mount whose content goes into the archive, below `volumes/<key>`.

    `name` is the volume's name or the host's path. A volume that is mounted twice is one source
    with two destinations. `volume` is the Engine's whole answer about a volume.
    """

    key: str
    type: str
    name: str
    destinations: tuple[str, ...]
    anonymous: bool = False
    file: bool = False
    volume: dict[str, Any] | None = None

    def as_mount(self, *, read_only: bool) -> dict[str, Any]:
        """How a helper container mounts it, so that tar names come out as the archive's names."""
        return {
            "Type": self.type,
            "Source": self.name,
            "Target": f"/volumes/{self.key}",
            "ReadOnly": read_only,
        }

    def as_manifest(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "type": self.type,
            "name": self.name,
            "destinations": list(self.destinations),
            "anonymous": self.anonymous,
            "file": self.file,
            "volume": self.volume,
        }

    @property
    def title(self) -> str:
        """What people call it."""
        if self.anonymous:
            return f"anonymous volume at {self.destinations[0]}"
        noun = "volume" if self.type == "volume" else "file" if self.file else "folder"
        return f"{noun} {self.name}"


@dataclass(frozen=True)
class Skipped:
    """A mount whose content is not in the archive, and why.

    `volume` is the Engine's whole answer about a volume, so that it can be made again, empty.
    """

    type: str
    name: str
    destination: str
    reason: str
    volume: dict[str, Any] | None = None


def sources_of(
    docker: Docker, inspect: dict[str, Any], *, include_bind_mounts: bool, job: str
) -> tuple[list[Source], list[Skipped]]:
    """What of a container's mounts is saved and what is not, from its inspect.

    `job` labels the helper containers that look at folders. Raise CannotBackUp for a volume or
    folder that is mounted and is not there.
    """
    look = Look(docker, inspect, OwnData.of(docker), include_bind_mounts, job)
    sources: dict[tuple[str, str], Source] = {}
    skipped = []
    for mount in all_mounts(inspect):
        kind, name, destination = mount["Type"], name_of(mount), mount["Destination"]
        if known := sources.get((kind, name)):
            sources[kind, name] = replace(known, destinations=(*known.destinations, destination))
            continue
        found = look.at(mount)
        if isinstance(found, Source):
            sources[kind, name] = found
        else:
            skipped.append(found)
    return list(sources.values()), skipped


def name_of(mount: dict[str, Any]) -> str:
    """The name of a mounted volume, or the folder of the host that is mounted."""
    return mount.get("Name") or mount.get("Source") or ""


@dataclass(frozen=True)
class Look:
    """Looks at the mounts of one container, one at a time."""

    docker: Docker
    inspect: dict[str, Any]
    own: OwnData
    include_bind_mounts: bool
    job: str

    def at(self, mount: dict[str, Any]) -> Source | Skipped:
        """The source that a mount is, or why it is none."""
        volume = self.volume(mount) if mount["Type"] == "volume" else None
        reason = reason_to_skip(
            mount, self.own, include_bind_mounts=self.include_bind_mounts, volume=volume
        )
        if reason:
            return skip(mount, reason, volume)
        if volume is None:
            return self.folder(mount)
        folder = bound_folder(volume)
        if folder and self.state_of(folder, mount) == "own":
            return skip(mount, OWN, volume)
        return self.volume_source(mount, volume)

    def volume(self, mount: dict[str, Any]) -> dict[str, Any]:
        """The Engine's answer about a mounted volume."""
        try:
            with engine():
                return self.docker.inspect_volume(mount["Name"])
        except NotFound:
            raise CannotBackUp(
                f"The volume {mount['Name']}, mounted at {mount['Destination']}, is not there."
            ) from None

    def volume_source(self, mount: dict[str, Any], volume: dict[str, Any]) -> Source:
        """The source that a mounted volume is.

        One that is kept in memory, on another host or in a folder of this one is a source like
        any other: its data is the container's, and its options have to come back.
        """
        name, destination = mount["Name"], mount["Destination"]
        anonymous = is_anonymous(name)
        return Source(
            key=key_of("volume", name, destination if anonymous else name),
            type="volume",
            name=name,
            destinations=(destination,),
            anonymous=anonymous,
            volume=volume,
        )

    def folder(self, mount: dict[str, Any]) -> Source | Skipped:
        """The source that a bind mount is: a folder or a single file of the host."""
        path = mount["Source"]
        state = self.state_of(path, mount)
        if state == "socket":
            return skip(mount, "It is a socket, without content.")
        if state == "own":
            return skip(mount, OWN)
        key, is_file = key_of("bind", path, path), state == "file"
        return Source(key, "bind", path, (mount["Destination"],), file=is_file)

    def state_of(self, path: str, mount: dict[str, Any]) -> FolderState | Literal["own"]:
        """What is at a path of the host; `own` where links lead from it to Docker's data or ours.

        Raise CannotBackUp if nothing is there: its content is not to be missing in silence.
        """
        state = folder_state(self.docker, path, self.job)
        if state == "missing":
            raise CannotBackUp(
                f"The folder {path}, mounted at {mount['Destination']}, is not there."
            )
        if state in ("empty", "filled") and leads_to_own_data(
            self.docker, path, self.own, self.job
        ):
            return "own"
        return state


def skip(mount: dict[str, Any], reason: str, volume: dict[str, Any] | None = None) -> Skipped:
    return Skipped(mount["Type"], name_of(mount), mount["Destination"], reason, volume)


def refuse_ourselves(inspect: dict[str, Any]) -> None:
    """Raise CannotBackUp for this program's own containers.

    Stopping or pausing ourselves in mid-backup would end the backup, and our data holds the
    archives themselves.
    """
    if identity.is_ours(inspect["Id"], inspect["Config"].get("Labels")):
        raise CannotBackUp(
            "This is Container Monkey itself; it does not back itself up. "
            "Its backups are plain files in its data directory: copy that instead."
        )


def key_of(kind: str, name: str, label: str) -> str:
    """The folder of a source inside the archive: readable, and never that of another source."""
    readable = re.sub(r"[^a-zA-Z0-9]+", "-", label).strip("-")[:40] or "root"
    return f"{readable}-{hashlib.sha256(f'{kind}:{name}'.encode()).hexdigest()[:8]}"

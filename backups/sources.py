"""Which of a container's mounts are read into a backup, and why the others are not."""

import hashlib
import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from backups.errors import CannotBackUp
from engine import Docker, identity
from volumes.services import folder_state

SYSTEM_PATHS = ("/", "/boot", "/dev", "/etc", "/proc", "/run", "/sys", "/usr", "/var", "/var/run")
"""Bind mounts of the host's own folders are how a container watches the host, not its data."""

SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")


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
        return f"{'volume' if self.type == 'volume' else 'folder'} {self.name}"


@dataclass(frozen=True)
class Skipped:
    """A mount that is not in the archive, and why."""

    type: str
    name: str
    destination: str
    reason: str


def sources_of(
    docker: Docker, inspect: dict[str, Any], *, include_bind_mounts: bool, job: str
) -> tuple[list[Source], list[Skipped]]:
    """What of a container's mounts is saved and what is not, from its inspect.

    `job` labels the helper containers that look at folders. Raise CannotBackUp for a folder
    that is mounted and is not there.
    """
    own = OwnData.of(docker)
    sources: dict[tuple[str, str], Source] = {}
    skipped = []
    for mount in inspect.get("Mounts") or []:
        kind, name = mount["Type"], mount.get("Name") or mount.get("Source", "")
        destination = mount["Destination"]
        reason = reason_to_skip(mount, own, include_bind_mounts=include_bind_mounts)
        if reason:
            skipped.append(Skipped(kind, name, destination, reason))
        elif known := sources.get((kind, name)):
            sources[kind, name] = replace(known, destinations=(*known.destinations, destination))
        elif kind == "bind" and (state := folder_state(docker, name, job)) == "socket":
            skipped.append(Skipped(kind, name, destination, "It is a socket, without content."))
        elif kind == "bind" and state == "missing":
            raise CannotBackUp(f"The folder {name}, mounted at {destination}, is not there.")
        elif kind == "bind":
            key, is_file = key_of(kind, name, name), state == "file"
            sources[kind, name] = Source(key, kind, name, (destination,), file=is_file)
        else:
            sources[kind, name] = volume_source(docker, inspect, mount)
    return list(sources.values()), skipped


def volume_source(docker: Docker, inspect: dict[str, Any], mount: dict[str, Any]) -> Source:
    """The source that a mounted volume is."""
    name, destination = mount["Name"], mount["Destination"]
    anonymous = is_anonymous(inspect, mount)
    return Source(
        key=key_of("volume", name, destination if anonymous else name),
        type="volume",
        name=name,
        destinations=(destination,),
        anonymous=anonymous,
        volume=docker.inspect_volume(name),
    )


def reason_to_skip(
    mount: dict[str, Any], own: "OwnData", *, include_bind_mounts: bool
) -> str | None:
    """Why a mount is left out of a backup, as a sentence; None where it is saved."""
    kind = mount["Type"]
    if kind == "volume":
        return "It is Container Monkey's own data." if mount["Name"] == own.volume else None
    if kind == "tmpfs":
        return "It is held in memory and is empty at every start."
    if kind != "bind":
        return f"A mount of the type {kind} has no content that could be read."
    path = normal(mount["Source"])
    if path in SYSTEM_PATHS or path.startswith(("/proc/", "/sys/", "/dev/")):
        return "It is a folder of the host's own system and is never read."
    if path in SOCKETS or path == own.engine_socket:
        return "It is the Docker socket, which has no content."
    if any(within(path, inner) or within(inner, path) for inner in own.paths):
        return "It holds Container Monkey's own data, or Docker's."
    if not include_bind_mounts:
        return "Bind mounts were not asked for."
    return None


@dataclass(frozen=True)
class OwnData:
    """Where this program's and the Engine's own data lie, as the Docker host sees it."""

    volume: str | None
    paths: tuple[str, ...]
    engine_socket: str

    @classmethod
    def of(cls, docker: Docker) -> "OwnData":
        """Found from our own container where we run in one, else from the settings."""
        root = docker.info().get("DockerRootDir") or "/var/lib/docker"
        data = str(Path(settings.DATA_DIR))
        volume = None
        for mount in own_mounts(docker):
            if within(data, mount["Destination"]):
                volume, data = mount.get("Name"), mount.get("Source") or data
        socket = normal(settings.DOCKER_HOST.removeprefix("unix://"))
        return cls(volume, (normal(data), normal(root)), socket)


def own_mounts(docker: Docker) -> Iterable[dict[str, Any]]:
    """The mounts of the container that this process runs in; none where it runs in none."""
    own_id = identity.candidate_id()
    if own_id is None:
        return []
    for container in docker.list_containers(filters={"id": [own_id]}):
        return container.get("Mounts") or []
    return []


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


def is_anonymous(inspect: dict[str, Any], mount: dict[str, Any]) -> bool:
    """Whether the Engine made and named the volume, because nobody gave it a name."""
    host = inspect["HostConfig"]
    named_by_bind = {bind.split(":")[0] for bind in host.get("Binds") or [] if ":" in bind}
    named_by_mount = {item.get("Source") for item in host.get("Mounts") or []}
    generated = re.fullmatch(r"[0-9a-f]{64}", mount["Name"]) is not None
    return generated and mount["Name"] not in named_by_bind | named_by_mount


def key_of(kind: str, name: str, label: str) -> str:
    """The folder of a source inside the archive: readable, and never that of another source."""
    readable = re.sub(r"[^a-zA-Z0-9]+", "-", label).strip("-")[:40] or "root"
    return f"{readable}-{hashlib.sha256(f'{kind}:{name}'.encode()).hexdigest()[:8]}"


def normal(path: str) -> str:
    """A path of the host without `..`, double slashes and, where we can see them, links."""
    path = posixpath.normpath(path)
    return posixpath.realpath(path) if posixpath.exists(path) else path


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder itself or lies below it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")

"""What of a host is neither read nor written: its own folders, Docker's data and ours."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings

from engine import Docker, identity
from engine.client import current_url
from engine.helpers import helper
from engine.streams import changed_at, stat_path
from volumes.services import GO_DIRECTORY, LOOKED_AT, folder_state

SYSTEM_PATHS = (
    *("/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys"),
    *("/usr", "/var", "/var/run"),
)
"""Bind mounts of the host's own folders are how a container watches the host, not its data."""

SYSTEM_TREES = ("/dev", "/lib/modules", "/proc", "/sys", "/usr/lib/modules", "/usr/src")
"""The same for everything below these."""

SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")

SYSTEM = "It is a folder of the host's own system and is never read."
SOCKET = "It is the Docker socket, which has no content."
OWN = "It holds Container Monkey's own data, or Docker's."

OWN_MARK = "secret.key"
"""A file that our data directory has from its beginning, and that never changes."""


@dataclass(frozen=True)
class OwnData:
    """Where this program's and the Engine's own data lie, as the Docker host sees it.

    `volumes` are the names of all that a container of ours mounts. `data` is None where our data
    is in our container's throwaway layer, which is Docker's data. `on_host`: whether this process
    sees the host's own folders, or those of a container.
    """

    volumes: frozenset[str]
    data: str | None
    root: str
    engine_socket: str | None
    on_host: bool = True

    @classmethod
    def of(cls, docker: Docker) -> "OwnData":
        """Found from our own container where we run in one, else from the settings."""
        root = docker.info().get("DockerRootDir") or "/var/lib/docker"
        mounts = own_mounts(docker)
        on_host = mounts is None
        data = str(settings.DATA_DIR) if mounts is None else data_among(mounts)
        return cls(
            volumes=own_volumes(docker, mounts or []),
            data=normal(data, follow=on_host) if data else None,
            root=normal(root, follow=on_host),
            engine_socket=socket_of(current_url(), follow=on_host),
            on_host=on_host,
        )

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.data, self.root) if self.data else (self.root,)

    def reason_against_mount(self, source: str) -> str | None:
        """Why no container gets a volume or a folder of the host, by its name or path.

        A folder that our data is somewhere below is told as any other is, since many tools take
        the whole host. None where nothing speaks against it.
        """
        if not source.startswith("/"):
            return OWN if source in self.volumes else None
        path = normal(source, follow=self.on_host)
        ours = [self.data] if self.data else []
        ours += [f"{self.root}/volumes/{name}" for name in self.volumes]
        return OWN if any(within(path, folder) for folder in ours) else None


def own_mounts(docker: Docker) -> list[dict[str, Any]] | None:
    """The mounts of the container that this process runs in; None where it runs in none."""
    own_id = identity.candidate_id()
    if own_id is None:
        return None
    for container in docker.list_containers(filters={"id": [own_id]}):
        return container.get("Mounts") or []
    return None


def own_volumes(docker: Docker, mounts: list[dict[str, Any]]) -> frozenset[str]:
    """The volumes among our own container's mounts, and those of others that are this program."""
    marked = docker.list_containers(filters={"label": [identity.SELF_LABEL]})
    others = [row for row in marked if identity.is_program(row["Id"], row["Labels"])]
    every = [*mounts, *(mount for row in others for mount in row.get("Mounts") or [])]
    return frozenset(mount["Name"] for mount in every if mount.get("Name"))


def data_among(mounts: list[dict[str, Any]]) -> str | None:
    """The folder of the host that our data directory is in."""
    data = PurePosixPath(str(settings.DATA_DIR))
    holding = [mount for mount in mounts if data.is_relative_to(mount["Destination"])]
    if not holding:
        return None
    innermost = max(holding, key=lambda mount: len(mount["Destination"]))
    below = data.relative_to(innermost["Destination"])
    return str(PurePosixPath(innermost["Source"]) / below)


def reason_of_path(path: str, own: OwnData) -> str | None:
    """Why a folder of the host is left alone, judged by its path; None where it need not be."""
    path = normal(path, follow=own.on_host)
    if path in SOCKETS or path == own.engine_socket:
        return SOCKET
    if path in SYSTEM_PATHS or any(within(path, tree) for tree in SYSTEM_TREES):
        return SYSTEM
    if meets_own_data(path, own):
        return OWN
    if own.engine_socket and within(own.engine_socket, path):
        return "It holds the Docker socket."
    return None


def meets_own_data(path: str, own: OwnData) -> bool:
    return any(within(path, inner) or within(inner, path) for inner in own.paths)


def bound_folder(volume: dict[str, Any]) -> str | None:
    """The folder of the host that a volume of the `local` driver stands for, if it does."""
    options = volume.get("Options") or {}
    how = (options.get("o") or "").split(",")
    # An archive may leave the driver out, and then it is this one.
    is_local = (volume.get("Driver") or "local") == "local"
    is_bind = is_local and ("bind" in how or "rbind" in how)
    return options.get("device") if is_bind else None


def host_folders(volume: dict[str, Any]) -> list[str]:
    """The folders of the host that a volume shows: that of a bind, the layers of an overlay."""
    folder = bound_folder(volume)
    options = volume.get("Options") or {}
    layers: list[str] = []
    if options.get("type") == "overlay":
        parts = (part.partition("=") for part in (options.get("o") or "").split(","))
        for name, _, value in parts:
            layers += value.split(":") if name in ("lowerdir", "upperdir", "workdir") else []
    return [folder, *layers] if folder else layers


def reason_against_folder(docker: Docker, folder: str, own: OwnData, job: str) -> str | None:
    """Why no volume may stand for a folder of the host, as a sentence; None where one may."""
    if not folder.startswith("/"):
        return "It is no path of the host."
    if reason := reason_of_path(folder, own):
        return reason
    if folder_state(docker, folder, job) not in ("empty", "filled"):
        return "There is no such folder on the host."
    return OWN if leads_to_own_data(docker, folder, own, job) else None


def holds_own_data(docker: Docker, folder: str, own: OwnData, job: str) -> bool:
    """Whether Docker's data or ours is in a folder of the host, or holds it."""
    path = normal(folder, follow=own.on_host)
    return meets_own_data(path, own) or leads_to_own_data(docker, folder, own, job)


def leads_to_own_data(docker: Docker, path: str, own: OwnData, job: str) -> bool:
    """Whether a folder of the host holds Docker's data or ours, whatever links lead there.

    Only the Engine sees through the host's links, so it is asked: Docker's data holds a folder
    that is named for the very helper container that looks, and ours a file that we know.
    """
    mount = {"Type": "bind", "Source": path, "Target": LOOKED_AT, "ReadOnly": True}
    with helper(docker, [mount], job) as container:
        for below in endings(own.root):
            if seen_below(docker, container, (*below, "containers", container)):
                return True
        for below in endings(own.data) if own.data else ():
            seen = seen_below(docker, container, (*below, OWN_MARK))
            if seen and is_our_mark(seen):
                return True
    return False


def endings(path: str) -> Iterator[tuple[str, ...]]:
    """How a folder is called from one that holds it: `a/b/c`, `b/c`, `c`, and nothing."""
    parts = PurePosixPath(path).parts[1:]
    return (parts[first:] for first in range(len(parts) + 1))


def seen_below(docker: Docker, container: str, parts: tuple[str, ...]) -> dict[str, Any] | None:
    """What the Engine says of a path below the folder; None where it does not lead anywhere."""
    path = LOOKED_AT
    seen = None
    for part in parts:
        if seen and not seen["mode"] & GO_DIRECTORY:
            return None
        path = f"{path}/{part}"
        seen = stat_path(docker, container, path)
        if seen is None:
            return None
    return seen


def is_our_mark(seen: dict[str, Any]) -> bool:
    """Whether a file that the Engine sees is the mark in our own data directory."""
    try:
        ours = (Path(settings.DATA_DIR) / OWN_MARK).stat()
    except OSError:
        return False
    return (seen["size"], changed_at(seen)) == (ours.st_size, ours.st_mtime_ns // 1000)


def socket_of(address: str, *, follow: bool) -> str | None:
    """The path of the Engine's socket, from the form of DOCKER_HOST."""
    if not address.startswith("unix://"):
        return None
    return normal(address.removeprefix("unix://"), follow=follow)


def normal(path: str, *, follow: bool) -> str:
    """A path of the host without `..` and double slashes, and without links where we see them."""
    path = posixpath.realpath(path) if follow else posixpath.normpath(path)
    return "/" + path.lstrip("/")  # POSIX gives two slashes at the beginning a meaning of their own


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder itself or lies below it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")

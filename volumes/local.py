"""Directories of the Docker host that this process reaches as its own.

A path that the Engine tells is worth something here only where its host is this one. That is
proven, not guessed: two hosts may well have a volume of the same name at the same path.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import Docker, identity
from engine.helpers import helper
from engine.streams import stat_path
from jobs.undo import Undo
from volumes import aside
from volumes.making import REMOVE

LOOKS = 3
"""Times that a root is compared whose time is being changed."""

ALL_IDS = ["0", "0", str(2**32 - 1)]


@dataclass(frozen=True)
class Directory:
    """A directory, or a single file, of this host; by its inode, as a path may change."""

    path: str
    device: int
    inode: int

    @classmethod
    def at(cls, path: str) -> "Directory":
        status = Path(path).stat()
        return cls(path, status.st_dev, status.st_ino)

    def was_removed(self) -> bool:
        """Whether the directory is gone, or another has its place; of a file, that it is gone."""
        try:
            return Directory.at(self.path) != self and Path(self.path).is_dir()
        except OSError:
            return True


class LocalDirectories:
    """Finds the directories of volumes and folders, for one job."""

    def __init__(self, docker: Docker, undo: Undo, job: str) -> None:
        self.docker, self.undo, self.job = docker, undo, job
        self.root: Path | None = None
        self.known = False

    def find(self, mount: dict[str, Any]) -> Directory | None:
        """The directory that a mount (as in `HostConfig.Mounts`) shows, if it is within reach."""
        path = self.path_of(mount)
        if path is None or not self.volumes_are_ours(path, mount["Type"]):
            return None
        with helper(self.docker, [mount], self.job) as container:
            for _ in range(LOOKS):
                seen = stat_path(self.docker, container, mount["Target"])
                if seen and aside.is_same_directory(Path(path), seen):
                    return Directory.at(path)
        return None

    def path_of(self, mount: dict[str, Any]) -> str | None:
        """Where a mount lies on the Engine's host, if that is there whether it is used or not.

        A volume with options is mounted by the Engine while a container uses it, and one of
        another driver is anywhere.
        """
        if mount["Type"] == "bind":
            return mount["Source"]
        volume = self.docker.inspect_volume(mount["Source"])
        plain = volume["Driver"] == "local" and not volume.get("Options")
        return volume["Mountpoint"] if plain else None

    def volumes_are_ours(self, path: str, kind: str) -> bool:
        """Whether this process sees the Engine's files where the Engine has them."""
        if not self.known:
            self.known = True
            if may_do_all() and owners_are_plain(self.docker):
                self.root = self.seen_root()
        if self.root is None:
            return False
        if kind == "volume":
            return Path(path).parent.parent == self.root
        # A container that is shown Docker's directory sees other folders than the host.
        return identity.candidate_id() is None

    def seen_root(self) -> Path | None:
        """The directory of all volumes, if one that was made just now is seen in it."""
        name = f"container-monkey-{secrets.token_hex(16)}"
        body = {"Name": name, "Labels": {identity.JOB_LABEL: self.job}}
        with self.undo.afterwards(REMOVE, name=name, job=self.job, made=True):
            self.docker.create_volume_from_body(body)
            path = Path(self.docker.inspect_volume(name)["Mountpoint"])
            return path.parent.parent if path.is_dir() else None


def may_do_all() -> bool:
    """Whether files of any owner can be read and made by this process, with their owners as is."""
    if not aside.is_root():
        return False
    return Path("/proc/self/uid_map").read_text().split() == ALL_IDS


def owners_are_plain(docker: Docker) -> bool:
    """Whether an owner in a container is the same number on the host's disk."""
    options = docker.info().get("SecurityOptions") or []
    return not any("name=userns" in text or "name=rootless" in text for text in options)

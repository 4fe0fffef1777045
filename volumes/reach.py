"""Acting inside a volume or folder of the Docker host, where the Engine has no call for it.

Overwriting needs renames and deletions in there. They are done in the directory itself where this
process can reach it, else by a started helper container from an image that has `find`, `mv`
and `rm`: our own image, or the one that CONTAINERMONKEY_HELPER_IMAGE names.
"""

import base64
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from containermonkey.problems import EngineRefused
from engine import Docker
from engine.helpers import run_helper

INSIDE = "/inside"
NO_LINK = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_RDONLY

OF_THE_DATA = ("user.", "trusted.", "system.posix_acl_")
"""Extended attributes that belong to what is in a volume, and not to the policy of its host."""

Attributes = dict[str, str]
"""Extended attributes by their names; the values in base64."""


class Reach(Protocol):
    """What can be done inside; every name but those of `move` is that of an entry at the top."""

    def move_all_into(self, folder: str) -> None:
        """Move every entry but `folder` itself into `folder`, which exists."""

    def move_all_out_of(self, folder: str) -> None:
        """Move every entry of `folder` up, and remove `folder`."""

    def rename(self, folder: str, new: str) -> None:
        """Rename an entry, in one step that cannot be seen half done."""

    def move(self, path: str, new: str) -> None:
        """Rename what is at a path, which may be below the top, to a path that is free."""

    def remove_all_but(self, keep: str) -> None:
        """Remove every entry but one."""

    def remove(self, folder: str) -> None:
        """Remove one entry with all that is in it; nothing to do if it is not there."""

    def attributes(self) -> Attributes:
        """The extended attributes of the root, as far as they can be told."""

    def set_attributes(self, attributes: Attributes) -> bool:
        """Have the root have these extended attributes and no others; False where none can be
        told, and whatever there is stays."""

    def set_time(self, nanoseconds: int) -> None:
        """Have the root be as old as it was; to the second where no more can be done."""


class DirectoryReach:
    """The directory itself. Never follows a link out of it: only names in it are touched."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def move_all_into(self, folder: str) -> None:
        for name in os.listdir(self.root):
            if name != folder:
                (self.root / name).rename(self.root / folder / name)

    def move_all_out_of(self, folder: str) -> None:
        aside = self.root / folder
        for name in os.listdir(aside):
            (aside / name).rename(self.root / name)
        aside.rmdir()

    def rename(self, folder: str, new: str) -> None:
        (self.root / folder).rename(self.root / new)

    def move(self, path: str, new: str) -> None:
        with self._folder_of(path) as (source, name), self._folder_of(new) as (target, new_name):
            os.rename(name, new_name, src_dir_fd=source, dst_dir_fd=target)

    @contextmanager
    def _folder_of(self, path: str) -> Iterator[tuple[int, str]]:
        """The folder that holds what is at a path, opened, and the name in it.

        Every folder on the way is opened from the one above it and may be no link.
        """
        *above, name = path.split("/")
        folder = os.open(self.root, os.O_DIRECTORY | os.O_RDONLY)
        try:
            for each in above:
                inner = os.open(each, NO_LINK, dir_fd=folder)
                os.close(folder)
                folder = inner
            yield folder, name
        finally:
            os.close(folder)

    def remove_all_but(self, keep: str) -> None:
        for name in os.listdir(self.root):
            if name != keep:
                self.remove(name)

    def remove(self, folder: str) -> None:
        path = self.root / folder
        try:
            is_directory = stat.S_ISDIR(path.lstat().st_mode)
        except FileNotFoundError:
            return
        if is_directory:
            shutil.rmtree(path)
        else:
            path.unlink()

    def attributes(self) -> Attributes:
        return {
            name: base64.b64encode(os.getxattr(self.root, name)).decode() for name in self._names()
        }

    def set_attributes(self, attributes: Attributes) -> bool:
        for name in set(self._names()) - set(attributes):
            os.removexattr(self.root, name)
        for name, value in attributes.items():
            os.setxattr(self.root, name, base64.b64decode(value))
        return True

    def _names(self) -> list[str]:
        try:
            return [name for name in os.listxattr(self.root) if name.startswith(OF_THE_DATA)]
        except OSError:  # a file system without any
            return []

    def set_time(self, nanoseconds: int) -> None:
        os.utime(self.root, ns=(nanoseconds, nanoseconds))


class HelperReach:
    """A started helper container; argument lists only, never a shell."""

    def __init__(self, docker: Docker, image: str, mount: dict[str, Any], job: str) -> None:
        self.docker, self.image, self.job = docker, image, job
        self.mount = mount | {"Target": INSIDE, "ReadOnly": False}

    def move_all_into(self, folder: str) -> None:
        self._on_entries(INSIDE, folder, ["mv", "-t", f"{INSIDE}/{folder}"])

    def move_all_out_of(self, folder: str) -> None:
        aside = f"{INSIDE}/{folder}"
        self._on_entries(aside, "", ["mv", "-t", INSIDE])
        self._run(["rmdir", aside])

    def rename(self, folder: str, new: str) -> None:
        self._run(["mv", f"{INSIDE}/{folder}", f"{INSIDE}/{new}"])

    def move(self, path: str, new: str) -> None:
        try:
            (path + new).encode()
        except UnicodeEncodeError:
            raise EngineRefused(
                "A name that is not UTF-8 can only be moved where this program reaches the "
                "directory itself."
            ) from None
        self._run(["mv", "-T", f"{INSIDE}/{path}", f"{INSIDE}/{new}"])

    def remove_all_but(self, keep: str) -> None:
        self._on_entries(INSIDE, keep, ["rm", "-rf"])

    def remove(self, folder: str) -> None:
        self._run(["rm", "-rf", f"{INSIDE}/{folder}"])

    def attributes(self) -> Attributes:
        return {}  # no program that every image has tells them

    def set_attributes(self, attributes: Attributes) -> bool:
        return False

    def set_time(self, nanoseconds: int) -> None:
        seconds, fraction = divmod(nanoseconds, 10**9)
        for time in (f"@{seconds}.{fraction:09}", f"@{seconds}"):  # busybox knows no fractions
            with suppress(EngineRefused):
                self._run(["touch", "-c", "-m", "-d", time, INSIDE])
                return

    def _on_entries(self, folder: str, but: str, command: list[str]) -> None:
        left_out = ["!", "-name", but] if but else []
        depth = ["-mindepth", "1", "-maxdepth", "1"]
        self._run(["find", folder, *depth, *left_out, "-exec", *command, "{}", "+"])

    def _run(self, command: list[str]) -> str:
        status, output = run_helper(self.docker, self.image, command, [self.mount], self.job)
        if status != 0:
            raise EngineRefused(
                f"The helper container could not run {command[0]} (exit status {status}): "
                f"{output.strip()[:300] or 'it printed nothing'}"
            )
        return output

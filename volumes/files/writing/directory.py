"""Changing what is in a volume whose directory this process sees."""

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from containermonkey.problems import NoSpace, Problem
from volumes.aside import ASIDE
from volumes.files.directory import entry_of
from volumes.files.opening import held_root, opened_folder
from volumes.files.places import Spot
from volumes.files.types import Entry
from volumes.files.writing.exchange import put, refuse_no_file, taken
from volumes.files.writing.mounts import other_mounted
from volumes.files.writing.opened import folder_to_change, is_same, nothing_at, status_in
from volumes.files.writing.partial import partial_file
from volumes.files.writing.removing import count, remove
from volumes.local import Directory

FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@dataclass(frozen=True)
class DirectoryChanges:
    """The files of a volume in its directory (`volumes.files.places.Changes`)."""

    directory: Directory

    def holds_working_folder(self) -> bool:
        with held_root(self.directory) as root, os.scandir(f"/proc/self/fd/{root}") as entries:
            return any(entry.name.startswith(ASIDE) for entry in entries)

    def check_folder(self, path: str) -> None:
        with folder_to_change(self.directory, path):
            return

    def make_folder(self, path: str, name: str) -> Entry:
        with folder_to_change(self.directory, path) as folder:
            try:
                os.mkdir(name, 0o700, dir_fd=folder)
            except FileExistsError:
                raise taken(name) from None
            give_to_owner_of(folder, name)
            return entry_of(folder, name)

    def move(self, source: Spot, target: Spot, *, overwrite: bool) -> Entry:
        (above, name), (new_above, new_name) = source, target
        with (
            folder_to_change(self.directory, new_above) as into,
            folder_to_change(self.directory, above) as out_of,
        ):
            if status_in(out_of, name) is None:
                raise nothing_at(above, name)
            if not is_same(out_of, into) or name != new_name:
                put(out_of, name, into, new_name, overwrite=overwrite)
                os.fsync(into)
                os.fsync(out_of)
            return entry_of(into, new_name)

    def upload(
        self,
        spot: Spot,
        pieces: Iterable[bytes],
        *,
        overwrite: bool,
        announced: int,
        last_look: Callable[[], None],
    ) -> Entry:
        path, name = spot
        with folder_to_change(self.directory, path) as folder:
            refuse(folder, name, overwrite=overwrite, announced=announced)
            with partial_file(folder) as partial:
                for piece in pieces:
                    partial.write(piece)
                last_look()
                hidden = partial.finish(*owner_and_mode(folder, name))
                put(folder, hidden, folder, name, overwrite=overwrite)
            os.fsync(folder)
            return entry_of(folder, name)

    def delete(self, spots: list[Spot]) -> Iterator[Problem | None]:
        for above, name in spots:
            try:
                self._delete(above, name)
            except Problem as problem:
                yield problem
            else:
                yield None

    def _delete(self, above: str, name: str) -> None:
        with folder_to_change(self.directory, above) as folder:
            status = status_in(folder, name)
            if status is None:
                raise nothing_at(above, name)
            try:
                remove(folder, name, is_folder=stat.S_ISDIR(status.st_mode))
                os.fsync(folder)
            except OSError as error:
                if error.errno in (errno.EXDEV, errno.EBUSY):
                    raise other_mounted(name) from None
                raise

    def count(self, spots: list[Spot], most: int) -> list[int | None]:
        found = []
        for above, name in spots:
            inside = self._inside_of(above, name, most)
            most -= inside or 0
            found.append(inside)
        return found

    def _inside_of(self, above: str, name: str, most: int) -> int | None:
        with folder_to_change(self.directory, above) as folder:
            status = status_in(folder, name)
            if status is None:
                raise nothing_at(above, name)
            if not stat.S_ISDIR(status.st_mode):
                return None
            top = opened_folder(folder, name)
            try:
                return count(top, most)
            finally:
                os.close(top)


def give_to_owner_of(folder: int, name: str) -> None:
    """Have a new folder be as one that the owner of its folder would have made."""
    above = os.fstat(folder)
    made = os.open(name, FLAGS, dir_fd=folder)
    try:
        # Were it another one, exchanged for ours meanwhile, it would not be empty.
        if not os.listdir(made):
            os.fchown(made, above.st_uid, above.st_gid)
            os.fchmod(made, 0o755 | above.st_mode & stat.S_ISGID)
        os.fsync(folder)
    finally:
        os.close(made)


def refuse(folder: int, name: str, *, overwrite: bool, announced: int) -> None:
    """Raise what can be told before anything has arrived."""
    if refuse_no_file(folder, name) and not overwrite:
        raise taken(name)
    disk = os.fstatvfs(folder)
    if disk.f_bavail * disk.f_frsize < announced:
        raise NoSpace("There is not enough space left where the volume is.")


def owner_and_mode(folder: int, name: str) -> tuple[int, int, int]:
    """Those of the file that is replaced, else the folder's owner and what everybody may read."""
    if old := refuse_no_file(folder, name):
        # As Linux has it for what is written into: what runs as its owner was another program.
        mode = stat.S_IMODE(old.st_mode) & ~(stat.S_ISUID | stat.S_ISGID)
        return old.st_uid, old.st_gid, mode
    above = os.fstat(folder)
    return above.st_uid, above.st_gid, 0o644

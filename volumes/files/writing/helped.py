"""Changing what is in a volume by the programs of a helper container."""

import errno
import os
import posixpath
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from containermonkey.problems import Conflict, NoSpace, Problem
from engine import engine
from engine.client import STREAM_TIMEOUT
from engine.commands import command_in
from volumes.aside import ASIDE
from volumes.files.inside import (
    Inside,
    Status,
    batches,
    complaint,
    inside,
    numbers_in,
    refuse_other_than_gone,
)
from volumes.files.places import Spot
from volumes.files.problems import not_a_folder, problem_of, vanished
from volumes.files.types import Entry
from volumes.files.writing.exchange import into_itself, no_file, taken
from volumes.files.writing.mounts import MOUNTS, mount_points, other_mounted
from volumes.files.writing.opened import nothing_at
from volumes.files.writing.removing import never_empty
from volumes.types import VolumeDetails

PIECE = 1 << 20

WITHOUT_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS)
"""What a file system says that gives a file no second name."""


@contextmanager
def changes_by_helper(volume: VolumeDetails, image: str) -> Iterator["HelperChanges"]:
    """A volume to be changed in a helper; what was done is on the disk when the block ends."""
    with inside(volume, image, to_change=True) as within:
        changes = HelperChanges(within, mounts_in(within))
        yield changes
        changes.settle()


def mounts_in(volume: Inside) -> list[bytes]:
    """Where in a volume other file systems are mounted, single files too."""
    top = volume.at("") + b"/"
    listed = volume.done("", "cat", MOUNTS)
    return [place for place in mount_points(listed) if place.startswith(top)]


@dataclass(frozen=True)
class HelperChanges:
    """The files of a volume in a helper (`volumes.files.places.Changes`).

    `known` are paths of folders without the links on them, `changed` those to be brought to disk.
    """

    volume: Inside
    mounts: list[bytes]
    known: dict[str, str] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def holds_working_folder(self) -> bool:
        top = self.volume.at("")
        depth = ("-mindepth", "1", "-maxdepth", "1")
        return bool(self.volume.done("", "find", top, *depth, "-name", f"{ASIDE}*"))

    def check_folder(self, path: str) -> None:
        self.folder_to_change(path)

    def make_folder(self, path: str, name: str) -> Entry:
        folder = self.folder_to_change(path)
        place, above = self.volume.at(folder.path_of(name)), folder.status
        mode = 0o755 | above.mode & stat.S_ISGID
        ended = self.volume.run("mkdir", "-m", f"{mode:o}", place)
        if ended.status:
            is_taken = errno.EEXIST in numbers_in(ended.words)
            raise taken(name) if is_taken else complaint(ended.words, joined(path, name))
        self.volume.done(path, "chown", "-h", above.owner, place)
        self.changed.add(folder.path)
        return self.entry_of(folder.path_of(name))

    def move(self, source: Spot, target: Spot, *, overwrite: bool) -> Entry:
        (above, name), (new_above, new_name) = source, target
        into = self.folder_to_change(new_above, new_name)
        out_of = self.folder_to_change(above, name)
        status, old, new = out_of.under(name), out_of.path_of(name), into.path_of(new_name)
        if status is None:
            raise nothing_at(above, name)
        if old == new:
            return status.as_entry(new_name)
        if status.is_folder and f"{into.path}/".startswith(f"{old}/"):
            raise into_itself()
        if self.volume.at(old) in self.mounts:
            raise problem_of(errno.EBUSY, joined(above, name))
        if overwrite:
            if into.replaceable(new_name) and status.is_folder:
                raise no_file(new_name)
            self.replace(old, new)
        elif status.is_folder:
            if into.under(new_name):
                raise taken(new_name)
            self.rename_folder(old, new)
        else:
            self.put(old, new)
        self.changed.update((into.path, out_of.path))
        return self.entry_of(new)

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
        if self.folder_to_change(path, name).replaceable(name) and not overwrite:
            raise taken(name)
        if announced:
            self.refuse_no_space(announced)
        with self.hidden_folder() as hidden:
            partial = joined(hidden, "file")
            size = self.write(partial, pieces)
            last_look()
            folder = self.folder_to_change(path, name)
            self.give(partial, size, *owner_and_mode(folder, name))
            if overwrite:
                self.replace(partial, folder.path_of(name))
            else:
                self.put(partial, folder.path_of(name))
        self.changed.add(folder.path)
        return self.entry_of(folder.path_of(name))

    def delete(self, spots: list[Spot]) -> Iterator[Problem | None]:
        """As many together as one call takes: each call takes as long as the Engine for it."""
        problems: dict[Spot, Problem | None] = {}
        places: dict[bytes, Spot] = {}
        folders: dict[str, Opened] = {}
        for spot in spots:
            try:
                folder = folders.get(spot[0]) or self.folder_to_change(spot[0])
            except Problem as problem:
                problems[spot] = problem
                continue
            folders[spot[0]] = folder
            self.changed.add(folder.path)
            place = self.volume.at(folder.path_of(spot[1]))
            if self.is_mounted_below(place):
                problems[spot] = other_mounted(spot[1])
            else:
                places[place] = spot
        for some in batches(list(places)):
            together = {place: places[place] for place in some}
            try:
                problems |= self.deleted(together)
            except Problem as problem:
                problems |= dict.fromkeys(together.values(), problem)
        for spot in spots:
            yield problems.get(spot)

    def deleted(self, places: dict[bytes, Spot]) -> dict[Spot, Problem | None]:
        paths = {self.path_of(place): spot for place, spot in places.items()}
        before = self.volume.statuses(list(paths))
        there = [place for place in places if self.path_of(place) in before]
        words = ""
        if there:
            words = self.volume.run("rm", "-r", *there, timeout=STREAM_TIMEOUT).words
        left = self.volume.statuses(list(before)) if words else {}
        problems: dict[Spot, Problem | None] = {}
        for path, spot in paths.items():
            if path not in before:
                problems[spot] = nothing_at(*spot)
            elif path in left:
                filled = errno.ENOTEMPTY in numbers_in(words)
                problems[spot] = never_empty(spot[1]) if filled else complaint(words, joined(*spot))
        return problems

    def count(self, spots: list[Spot], most: int) -> list[int | None]:
        folders = {path: self.folder_to_change(path) for path in {above for above, _ in spots}}
        places = {(above, name): folders[above].path_of(name) for above, name in spots}
        found = self.volume.statuses(list(places.values()))
        counts: list[int | None] = []
        for spot, place in places.items():
            if place not in found:
                raise nothing_at(*spot)
            inside = self.count_in(place, most) if found[place].is_folder else None
            most -= inside or 0
            counts.append(inside)
        return counts

    def count_in(self, folder: str, most: int) -> int:
        total, top = 0, self.volume.at(folder)
        command = ("find", top, "-mindepth", "1", "-print0")
        with engine(), self.volume.running(*command, timeout=STREAM_TIMEOUT) as find:
            for piece in find.pieces():
                total += piece.count(b"\0")
                if total >= most:
                    return most
        return total

    def settle(self) -> None:
        """Bring to the disk what was changed in folders, as far as they are still there."""
        for some in batches([self.volume.at(path) for path in self.changed]):
            refuse_other_than_gone(self.volume.run("sync", *some, timeout=STREAM_TIMEOUT), "")

    def folder_to_change(self, path: str, *names: str) -> "Opened":
        """A folder without links on its path, and what it has under some names.

        Raise Invalid if it leads out of the volume, to another file system in it, or to no folder.
        """
        if path not in self.known:
            self.known[path] = self.volume.resolved(path)
        folder = self.known[path]
        found = self.volume.statuses([folder, *(joined(folder, name) for name in names)])
        if folder not in found:
            raise problem_of(errno.ENOENT, path)
        if not found[folder].is_folder:
            raise not_a_folder(path)
        place = self.volume.at(folder) + b"/"
        if any(place.startswith(mount + b"/") for mount in self.mounts):
            raise problem_of(errno.EXDEV, path)
        return Opened(folder, found)

    def is_mounted_below(self, place: bytes) -> bool:
        return any((mount + b"/").startswith(place + b"/") for mount in self.mounts)

    def path_of(self, place: bytes) -> str:
        return os.fsdecode(place[len(self.volume.at("")) + 1 :])

    def refuse_no_space(self, announced: int) -> None:
        told = self.volume.done("", "stat", "-f", "-c", "%a %S", self.volume.at("")).split()
        if int(told[0]) * int(told[1]) < announced:
            raise NoSpace("There is not enough space left where the volume is.")

    @contextmanager
    def hidden_folder(self) -> Iterator[str]:
        """A folder of the volume that only root looks into; it goes away with the block.

        At the top, so that its path is text, whatever the path of the folder is that a file is for.
        """
        name = f".{secrets.token_hex(16)}.partial"
        place = self.volume.at(name)
        self.volume.done("", "mkdir", "-m", "700", place)
        try:
            yield name
        finally:
            self.volume.run("rm", "-rf", place, timeout=STREAM_TIMEOUT)

    def give(self, path: str, size: int, owner: str, mode: int) -> None:
        """Have a file that was written belong to somebody.

        Raise Conflict if it is another one: who may write to the top of the volume can exchange the
        hidden folder, and would be given what he put there.
        """
        status = self.volume.statuses([path]).get(path)
        if status is None or not status.is_file or status.size != size:
            raise Conflict("Something else has exchanged the file while it arrived.")
        place = self.volume.at(path)
        self.volume.done(path, "chown", "-h", owner, place)
        if stat.S_IMODE(status.mode) != mode:
            self.volume.done(path, "chmod", f"{mode:o}", place)

    def write(self, path: str, pieces: Iterable[bytes]) -> int:
        """Write a file as it arrives, and bring it to the disk; its size in bytes."""
        place = os.fsdecode(self.volume.at(path))
        command = ["dd", f"of={place}", f"bs={PIECE}", "conv=fsync"]
        volume = self.volume
        with (
            engine(),
            command_in(
                volume.docker, volume.container, command, takes_input=True, timeout=STREAM_TIMEOUT
            ) as dd,
        ):
            size, is_whole = 0, True
            for piece in pieces:
                if not (is_whole := dd.send(piece)):
                    break
                size += len(piece)
            dd.end_of_input()
            ended = dd.end()
        if ended.status or not is_whole:
            raise complaint(ended.words, "")
        return size

    def replace(self, old: str, new: str) -> None:
        """Rename what is no folder, in place of a file that may be there."""
        self.volume.done(new, "mv", "-f", "-T", self.volume.at(old), self.volume.at(new))

    def put(self, old: str, new: str) -> None:
        """Rename what is no folder, where the new name must be free.

        A second name is made and the first taken away: that fails where the new one was taken at
        the last moment, as renaming by the mv of busybox does not.
        """
        source, target = self.volume.at(old), self.volume.at(new)
        ended = self.volume.run("ln", "-T", source, target)
        if not ended.status:
            self.volume.done(old, "rm", "-f", source)
        elif errno.EEXIST in numbers_in(ended.words):
            raise taken(posixpath.basename(new))
        elif not set(WITHOUT_LINKS) & set(numbers_in(ended.words)):
            raise complaint(ended.words, new)
        else:
            self.rename_folder(old, new)

    def rename_folder(self, old: str, new: str) -> None:
        """Rename a folder, or what has no second names, where the new name must be free."""
        self.volume.done(new, "mv", "-n", "-T", self.volume.at(old), self.volume.at(new))
        if self.volume.statuses([old]):
            raise taken(posixpath.basename(new))

    def entry_of(self, path: str) -> Entry:
        name, found = posixpath.basename(path), self.volume.statuses([path])
        if path not in found:
            raise vanished(name)
        return found[path].as_entry(name)


@dataclass(frozen=True)
class Opened:
    """A folder of a volume, by its path without links, and what was found in it."""

    path: str
    found: dict[str, Status]

    @property
    def status(self) -> Status:
        return self.found[self.path]

    def path_of(self, name: str) -> str:
        return joined(self.path, name)

    def under(self, name: str) -> Status | None:
        """What was asked for by name; None if there is nothing."""
        return self.found.get(self.path_of(name))

    def replaceable(self, name: str) -> Status | None:
        """The same. Raise Conflict if it is no file, which alone may be replaced."""
        status = self.under(name)
        if status and not status.is_file:
            raise no_file(name)
        return status


def owner_and_mode(folder: Opened, name: str) -> tuple[str, int]:
    """Those of the file that is replaced, else the folder's owner and what everybody may read."""
    if old := folder.replaceable(name):
        # As Linux has it for what is written into: what runs as its owner was another program.
        return old.owner, stat.S_IMODE(old.mode) & ~(stat.S_ISUID | stat.S_ISGID)
    return folder.status.owner, 0o644


def joined(folder: str, name: str) -> str:
    return f"{folder}/{name}".lstrip("/")

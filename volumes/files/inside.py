"""A volume in a started helper container, whose programs act in it.

That is for volumes whose directory this process does not see. Programs are those that busybox and
GNU have in common; they are given lists of arguments and never a shell. A path is resolved in the
helper before anything is done with it: were a link swapped in after that, it would lead to
nothing but the helper's own files, which are read-only and nobody's.
"""

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from containermonkey.problems import Conflict, Problem
from engine import Docker, engine
from engine.commands import Command, Ended, program_in, run
from engine.identity import FILES_LABEL
from engine.names import shortened
from engine.patience import TIMEOUT
from engine.waiting import waiting_helper
from volumes.files.paths import spelled
from volumes.files.problems import not_a_folder, problem_of
from volumes.files.types import Entry, kind_of, moment_of
from volumes.types import VolumeDetails

READING = ["DAC_OVERRIDE"]
CHANGING = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID"]
"""What the kernel asks of who reads everybody's files, and of who sets their owners and modes."""

AT_ONCE = 60 << 10
"""Bytes of paths that one call is given: what a connection takes without being read."""

STATUS = re.compile(rb" ([0-9a-f]+) (\d+) (\d+) (\d+) (-?\d+) ")

NUMBERS = {os.strerror(number): number for number in errno.errorcode} | {
    "Symbolic link loop": errno.ELOOP,
    "Filename too long": errno.ENAMETOOLONG,
    "Quota exceeded": errno.EDQUOT,
    "Resource busy": errno.EBUSY,
    "Not supported": errno.EOPNOTSUPP,
}
"""What the C libraries of Debian and Alpine say for an error of the system."""

NOTHING_THERE = os.strerror(errno.ENOENT)

COMPLAINTS = re.compile(r"\n(?=\w+: )")
"""Between what a program complains of: each begins with its name, and may quote a line break."""

LONGEST = 4096
"""Bytes of a path, with the NUL behind it, that the kernel takes."""


@dataclass(frozen=True, slots=True)
class Status:
    """What `stat` tells of a path; `target` where it is a link."""

    mode: int
    size: int
    uid: int
    gid: int
    modified: int
    target: str | None

    @property
    def owner(self) -> str:
        """As `chown` takes it."""
        return f"{self.uid}:{self.gid}"

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)

    def as_entry(self, name: str) -> Entry:
        return Entry(
            name=spelled(name),
            type=kind_of(self.mode),
            size=self.size,
            mode=stat.S_IMODE(self.mode),
            uid=self.uid,
            gid=self.gid,
            modified=moment_of(self.modified),
            target=spelled(self.target) if self.target is not None else None,
        )


@dataclass(frozen=True)
class Inside:
    """A volume that is mounted in a started helper, at `root`."""

    docker: Docker
    container: str
    root: str

    def at(self, path: str) -> bytes:
        """Where a path of the volume is in the helper."""
        return os.fsencode(f"{self.root}/{path}".rstrip("/"))

    def run(self, *arguments: str | bytes, timeout: float = TIMEOUT) -> Ended:
        """Run a program to its end; paths are bytes."""
        with engine():
            return run(self.docker, self.container, encoded(arguments), timeout=timeout)

    def running(
        self, *arguments: str | bytes, timeout: float = TIMEOUT
    ) -> AbstractContextManager[Command]:
        return program_in(self.docker, self.container, encoded(arguments), timeout=timeout)

    def done(self, path: str, *arguments: str | bytes, timeout: float = TIMEOUT) -> bytes:
        """Run a program that has to succeed; its output. Raise what it complains of."""
        ended = self.run(*arguments, timeout=timeout)
        if ended.status:
            raise complaint(ended.words, path)
        return ended.output

    def resolved(self, path: str) -> str:
        """A path without links on it. Raise NotFound, or Invalid if it leads out of the volume."""
        if not path:
            return ""
        if len(self.at(path)) >= LONGEST:
            raise problem_of(errno.ENAMETOOLONG, path)
        real = os.fsdecode(self.done(path, "realpath", self.at(path))[:-1])
        if real == self.root:
            return ""
        if not real.startswith(f"{self.root}/"):
            raise problem_of(errno.EXDEV, path)
        return real.removeprefix(f"{self.root}/")

    def status(self, path: str) -> Status:
        """What is at a path. Raise NotFound if there is nothing."""
        found = self.statuses([path])
        if path not in found:
            raise problem_of(errno.ENOENT, path)
        return found[path]

    def statuses(self, paths: Sequence[str]) -> dict[str, Status]:
        """What is at some paths, links not followed; what is not there is left out."""
        places = {self.at(path): path for path in paths if len(self.at(path)) < LONGEST}
        mark = secrets.token_hex(16)  # which no name holds that was there before
        found = {}
        for some in batches(list(places)):
            ended = self.run("stat", "-c", f"{mark} %f %s %u %g %Y %n{mark}%N", *some)
            refuse_other_than_gone(ended, places[some[0]])
            told = ended.output.split(mark.encode())[1:]
            for record, named in zip(told[::2], told[1::2], strict=True):
                place, status = parsed(record, named)
                found[places[place]] = status
        return found

    def names_in(self, folder: str) -> list[str]:
        """What a folder has in it, by name. Raise Invalid if it is none."""
        top = self.at(folder) + b"/."
        ended = self.run("find", top, "-mindepth", "1", "-maxdepth", "1", "-print0")
        if ended.status and not ended.output:
            problem = complaint(ended.words, folder)
            raise not_a_folder(folder) if errno.ENOTDIR in numbers_in(ended.words) else problem
        refuse_other_than_gone(ended, folder)
        return sorted(os.fsdecode(each[len(top) + 1 :]) for each in ended.output.split(b"\0")[:-1])


@contextmanager
def inside(volume: VolumeDetails, image: str, *, to_change: bool = False) -> Iterator[Inside]:
    """A volume in a started helper that is there for the length of the block."""
    root = f"/volumes/{volume.name}"
    mount = {
        "Type": "volume",
        "Source": volume.name,
        "Target": root,
        "ReadOnly": not to_change,
        "VolumeOptions": {"NoCopy": True},
    }
    needs = CHANGING if to_change else READING
    with (
        engine() as docker,
        waiting_helper(docker, image, [mount], FILES_LABEL, needs) as container,
    ):
        yield Inside(docker, container, root)


def encoded(arguments: Sequence[str | bytes]) -> list[bytes]:
    return [each if isinstance(each, bytes) else each.encode() for each in arguments]


def batches(paths: list[bytes]) -> Iterator[list[bytes]]:
    """Paths in lists that one call takes."""
    batch: list[bytes] = []
    size = 0
    for path in paths:
        if batch and size + len(path) > AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(path)
        size += len(path) + 1
    if batch:
        yield batch


def parsed(record: bytes, named: bytes) -> tuple[bytes, Status]:
    """The path and the status in what `stat` wrote of one: ` mode size uid gid time path`.

    `named` is the path once more, with ` -> ` and where it leads behind that of a link. (The size
    of a link does not tell how long that is: another link may be there by then.) Busybox puts
    both in quotes, as they are.
    """
    head = STATUS.match(record)
    if head is None:
        raise Conflict("The helper container's stat is not one of busybox or GNU.")
    mode = int(head[1], 16)
    size, uid, gid, modified = (int(number) for number in head.groups()[1:])
    place, target = record[head.end() :], None
    if stat.S_ISLNK(mode):
        quote = b"'" if named.startswith(b"'") else b""
        before, after = quote + place + quote + b" -> " + quote, quote + b"\n"
        target = os.fsdecode(named.removeprefix(before).removesuffix(after))
    return place, Status(mode, size, uid, gid, modified, target)


def complaint(words: str, path: str) -> Problem:
    """The problem that a program told in the system's words, after the last colon of a line."""
    for number in numbers_in(words):
        return problem_of(number, path)
    said = shortened(words.strip() or "nothing", 200)
    return Conflict(f"It cannot be done now. The helper container says {said}.")


def numbers_in(words: str) -> list[int]:
    """The errors of the system that a program told."""
    ends = (line.rpartition(": ")[2].strip() for line in words.splitlines())
    return [NUMBERS[end] for end in ends if end in NUMBERS]


def refuse_other_than_gone(ended: Ended, path: str) -> None:
    """Raise what a program complains of, unless it is that something has vanished meanwhile."""
    told = COMPLAINTS.split(ended.words) if ended.status else []
    others = [each for each in map(str.strip, told) if each and not each.endswith(NOTHING_THERE)]
    if others:
        raise complaint("\n".join(others), path)

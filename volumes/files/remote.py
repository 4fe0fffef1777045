"""The files of a volume that only the Engine reaches, through its archive calls.

A helper container, which is never started, mounts the volume; the Engine sends what is at a path
of it as a tar. There is nothing else in that container, so that a link which is exchanged while
the Engine follows it leads to nothing that is anybody's.
"""

import errno
import stat
import tarfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from isal import isal_zlib

from containermonkey.blocks import BlockFile
from containermonkey.problems import Conflict, EngineRefused, Invalid
from engine import Docker, engine
from engine.helpers import helper
from engine.identity import FILES_LABEL
from engine.streams import Block, read_archive, stat_path
from engine.tar import END_OF_TAR
from volumes.files.packing import GZIP, LEVEL, CutShort, exactly
from volumes.files.paths import spelled
from volumes.files.problems import problem_of
from volumes.files.types import Entry, Kind, moment_of
from volumes.services import GO_DIRECTORY, GO_SYMLINK
from volumes.types import VolumeDetails

NO_FILE = 0x8F280000
"""Bits of the mode, as Go defines them, that no regular file has."""

MOST_ENTRIES, MOST_BYTES, MOST_SECONDS = 20_000, 256 << 20, 5.0
"""How far the Engine's tar of a folder is read, which holds all below it, for what is in it."""

MOST_LINKS = 40

KINDS: dict[bytes, Kind] = {
    tarfile.REGTYPE: "file",
    tarfile.LNKTYPE: "file",
    tarfile.DIRTYPE: "directory",
    tarfile.SYMTYPE: "symlink",
}


class Enough(Exception):
    """More has come than is read for a list."""


@dataclass(frozen=True)
class Remote:
    """A volume that is mounted in a helper container."""

    docker: Docker
    container: str
    root: str

    def at(self, path: str) -> str:
        """Where a path of the volume is in the helper."""
        return f"{self.root}/{path}".rstrip("/")

    def seen(self, path: str) -> dict[str, Any]:
        """What the Engine says of a path. Raise NotFound if there is nothing."""
        try:
            with engine():
                found = stat_path(self.docker, self.container, self.at(path))
        except EngineRefused:
            raise Invalid(
                "The Docker Engine cannot follow this path: a link on it may lead in a circle."
            ) from None
        if found is None:
            raise problem_of(errno.ENOENT, path)
        return found


@dataclass(frozen=True)
class Spot:
    """Something in a volume: its `path` behind all links, the size of a file."""

    path: str
    is_folder: bool
    is_file: bool
    size: int


@contextmanager
def mounted(volume: VolumeDetails) -> Iterator[Remote]:
    """A volume in a helper that is there for the length of the block."""
    root = f"/volumes/{volume.name}"
    mount = {"Type": "volume", "Source": volume.name, "Target": root, "ReadOnly": True}
    with engine() as docker, helper(docker, [mount], FILES_LABEL) as container:
        yield Remote(docker, container, root)


def find(remote: Remote, path: str) -> Spot:
    """What is at a path, following links as long as they stay inside; a call for each name in it.

    Raise NotFound if there is nothing, Invalid if the path leads out of the volume.
    """
    here, seen = "", remote.seen("")
    left, links = [name for name in reversed(path.split("/")) if name], 0
    while left:
        if not seen["mode"] & GO_DIRECTORY:
            raise problem_of(errno.ENOTDIR, path)
        here = f"{here}/{left.pop()}".lstrip("/")
        seen = remote.seen(here)
        if seen["mode"] & GO_SYMLINK:
            links += 1
            target = inner_target(remote, seen["linkTarget"])
            if target is None or links > MOST_LINKS:
                raise problem_of(errno.ELOOP, path)
            left += [name for name in reversed(target.split("/")) if name]
            here, seen = "", remote.seen("")
    refuse_unsent(here)
    mode = seen["mode"]
    return Spot(here, bool(mode & GO_DIRECTORY), not mode & NO_FILE, seen["size"])


def refuse_unsent(path: str) -> None:
    """Raise Conflict for what the Engine sends with the folder that it is in, and not by itself."""
    try:
        path.rpartition("/")[2].encode()
    except UnicodeEncodeError:
        raise Conflict(
            "The Docker Engine does not send by itself what has a name that is not UTF-8. "
            "Download the folder that it is in."
        ) from None


def inner_target(remote: Remote, target: str) -> str | None:
    """Where a link leads, of which the Engine tells the end in the helper; None for outside."""
    if target == remote.root:
        return ""
    return target.removeprefix(f"{remote.root}/") if target.startswith(f"{remote.root}/") else None


def names_in(remote: Remote, folder: Spot) -> tuple[list[Entry], bool]:
    """What is in a folder, by name, and whether that is all of it.

    The Engine sends all that is below it, too, so that it is read within bounds.
    """
    entries: dict[str, Entry] = {}
    try:
        for walked, (name, member) in enumerate(members_of(remote, folder)):
            if "/" not in name:
                entries[name] = entry_of(name, member)
            if walked >= MOST_ENTRIES:
                raise Enough
    except Enough:
        return in_order(entries), False
    return in_order(entries), True


def in_order(entries: dict[str, Entry]) -> list[Entry]:
    return [entries[name] for name in sorted(entries)]


def members_of(remote: Remote, folder: Spot) -> Iterator[tuple[str, tarfile.TarInfo]]:
    """All that is below a folder, by its path from there. Raise Enough after some time."""
    blocks = read_archive(remote.docker, remote.container, remote.at(folder.path))
    try:
        with (
            closing(blocks),
            BlockFile(within_bounds(blocks)) as file,
            tarfile.open(fileobj=file, mode="r|") as tar,
        ):
            for member in tar:
                _, _, name = member.name.partition("/")
                if name:
                    yield name, member
    except tarfile.TarError:
        raise EngineRefused("The Docker Engine broke off while it told what is there.") from None


def within_bounds(blocks: Iterable[Block]) -> Iterator[Block]:
    until, read = time.monotonic() + MOST_SECONDS, 0
    for block in blocks:
        yield block
        read += len(block)
        if read >= MOST_BYTES or time.monotonic() >= until:
            raise Enough


def entry_of(name: str, member: tarfile.TarInfo) -> Entry:
    kind = KINDS.get(member.type, "other")
    return Entry(
        name=spelled(name),
        type=kind,
        size=member.size,
        mode=stat.S_IMODE(member.mode),
        uid=member.uid,
        gid=member.gid,
        modified=moment_of(int(member.mtime)),
        target=spelled(member.linkname) if kind == "symlink" else None,
    )


def content_at(remote: Remote, file: Spot, most: int) -> Iterator[bytes]:
    """The first `most` bytes of a file. Raise CutShort if it has not as many, or is none now."""
    blocks = read_archive(remote.docker, remote.container, remote.at(file.path))
    try:
        with (
            closing(blocks),
            BlockFile(blocks) as stream,
            tarfile.open(fileobj=stream, mode="r|") as tar,
        ):
            member = tar.next()
            content = tar.extractfile(member) if member and member.isreg() else None
            if content is None or member is None or member.size < most:
                raise CutShort("The file was changed while it was downloaded.")
            yield from exactly(content, most)
    except tarfile.TarError:
        raise CutShort("The Docker Engine broke off in the middle of the file.") from None


def pieces_of(volume: VolumeDetails, file: Spot) -> Iterator[bytes]:
    """A file as it is, as long as it was when it was found."""
    with mounted(volume) as remote:
        yield from content_at(remote, file, file.size)


def packed(volume: VolumeDetails, folder: Spot) -> Iterator[bytes]:
    """A folder as a gzipped tar, as the Engine tells it. Raise CutShort if that has no end."""
    gzip, end = isal_zlib.compressobj(LEVEL, wbits=GZIP), b""
    with (
        mounted(volume) as remote,
        read_archive(remote.docker, remote.container, remote.at(folder.path)) as blocks,
    ):
        for block in blocks:
            end = (end + bytes(block[-len(END_OF_TAR) :]))[-len(END_OF_TAR) :]
            if compressed := gzip.compress(block):
                yield compressed
    if end != END_OF_TAR:
        raise CutShort("The Docker Engine broke off in the middle of the folder.")
    yield gzip.flush()

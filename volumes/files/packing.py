"""A folder of a volume as a gzipped tar, made while it is sent."""

import os
import stat
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from isal import isal_zlib

from containermonkey.problems import Conflict
from engine.tar import END_OF_TAR
from volumes.files.opening import found, target_of
from volumes.files.walking import walk
from volumes.local import Directory

PIECE = 1 << 20
"""Bytes of a file that are read at once."""

LEVEL = 2
GZIP = 31
"""The window bits that stand for gzip's head and tail around deflated data."""

TYPES = {
    stat.S_IFREG: tarfile.REGTYPE,
    stat.S_IFDIR: tarfile.DIRTYPE,
    stat.S_IFLNK: tarfile.SYMTYPE,
    stat.S_IFIFO: tarfile.FIFOTYPE,
    stat.S_IFCHR: tarfile.CHRTYPE,
    stat.S_IFBLK: tarfile.BLKTYPE,
}
"""What a tar can hold; a socket is nothing without its program."""


class Readable(Protocol):
    """What can be read from, in pieces that may be shorter than was asked for."""

    def read(self, size: int, /) -> bytes | None: ...


class CutShort(Conflict):
    """What is being sent has lost a part: whoever receives it must see that it is not whole."""


def packed(directory: Directory, path: str, name: str) -> Iterator[bytes]:
    """The folder at a path of a volume, called `name` in the archive."""
    gzip = isal_zlib.compressobj(LEVEL, wbits=GZIP)
    with found(directory, path) as place:
        folder = place.open()
        try:
            for piece in tar_of(folder, name):
                if compressed := gzip.compress(piece):
                    yield compressed
        finally:
            os.close(folder)
    yield gzip.compress(END_OF_TAR) + gzip.flush()


def tar_of(top: int, name: str) -> Iterator[bytes]:
    """The entries of an opened folder and of all below it."""
    yield header_of(name, os.fstat(top))
    for folder in walk(top):
        for each in folder.names:
            # What has vanished meanwhile is left out.
            with suppress(FileNotFoundError):
                yield from entry_of(folder.descriptor, each, f"{name}{folder.path}/{each}")


def entry_of(folder: int, name: str, path: str) -> Iterator[bytes]:
    """One entry of an opened folder, called `path` in the archive."""
    status = os.lstat(name, dir_fd=folder)
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFREG:
        yield from file_of(folder, name, path)
    elif kind in TYPES:
        target = target_of(folder, name) if kind == stat.S_IFLNK else ""
        yield header_of(path, status, target)


def file_of(folder: int, name: str, path: str) -> Iterator[bytes]:
    """A file with its content. Raise CutShort if it becomes shorter than its header says."""
    held = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=folder)
    try:
        status = os.fstat(held)
        if not stat.S_ISREG(status.st_mode):
            return  # exchanged for something that must not be opened
        with Path(f"/proc/self/fd/{held}").open("rb", buffering=0) as file:
            yield header_of(path, status)
            yield from exactly(file, status.st_size)
            yield bytes(-status.st_size % tarfile.BLOCKSIZE)
    finally:
        os.close(held)


def exactly(file: Readable, size: int) -> Iterator[bytes]:
    """The first `size` bytes of a file. Raise CutShort if it has no more as many."""
    while size:
        piece = file.read(min(PIECE, size))
        if not piece:
            raise CutShort("A file became shorter while it was downloaded.")
        size -= len(piece)
        yield piece


def header_of(path: str, status: os.stat_result, target: str = "") -> bytes:
    entry = tarfile.TarInfo(path)
    entry.type = TYPES[stat.S_IFMT(status.st_mode)]
    entry.mode, entry.uid, entry.gid = stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid
    entry.mtime = status.st_mtime_ns // 10**9
    entry.size = status.st_size if entry.isreg() else 0
    entry.linkname = target
    if entry.isdev() and not entry.isfifo():
        entry.devmajor, entry.devminor = os.major(status.st_rdev), os.minor(status.st_rdev)
    return entry.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")

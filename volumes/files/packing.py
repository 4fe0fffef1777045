"""A folder of a volume as a gzipped tar, made while it is sent."""

import os
import stat
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from isal import isal_zlib

from engine.tar import END_OF_TAR
from volumes.files.opening import found, target_of
from volumes.local import Directory

PIECE = 1 << 20
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
    """The entries of an opened folder and of all below it.

    `fwalk` opens each folder from the one above it, and goes into no link.
    """
    yield header_of(name, os.fstat(top))
    for above, folders, files, folder in os.fwalk(".", onerror=unless_gone, dir_fd=top):
        prefix = f"{name}{above.removeprefix('.')}"
        for each in sorted(folders + files):
            # What has vanished meanwhile is left out.
            with suppress(FileNotFoundError):
                yield from entry_of(folder, each, f"{prefix}/{each}")


def unless_gone(error: OSError) -> None:
    """Have a folder that cannot be read break the download off, instead of missing in it."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


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
    """A file with its content: as long as its header says, whatever happens to it meanwhile."""
    held = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=folder)
    try:
        status = os.fstat(held)
        if not stat.S_ISREG(status.st_mode):
            return  # exchanged for something that must not be opened
        with Path(f"/proc/self/fd/{held}").open("rb", buffering=0) as file:
            yield header_of(path, status)
            left = status.st_size
            while left and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                yield piece
            yield from zeros(left + -status.st_size % tarfile.BLOCKSIZE)
    finally:
        os.close(held)


def zeros(count: int) -> Iterator[bytes]:
    while count:
        yield bytes(min(PIECE, count))
        count -= min(PIECE, count)


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

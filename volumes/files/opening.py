"""Opens what is inside a volume, and never anything outside of it.

Containers write there meanwhile, so a path that was looked at may be another one when it is
opened. The kernel itself keeps the whole way inside the volume (`openat2` with RESOLVE_BENEATH):
neither `..` nor a link leads out, whatever is exchanged while it walks.
"""

import ctypes
import errno
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from containermonkey.problems import Conflict, NotFound
from volumes.files.problems import problem_of
from volumes.local import Directory

OPENAT2 = 437
"""The number of the system call, the same on every architecture."""

RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH = 1, 2, 4, 8

INSIDE = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS

LONGEST_WAY = 1000
"""Letters of a path that are walked by one call: the kernel takes no more than 4096 bytes."""

ATTEMPTS = 5
"""Times that a path is walked where something on it is being renamed."""

libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Found:
    """Something inside a volume that is held, and not opened yet; `path` is not spelled."""

    descriptor: int
    status: os.stat_result
    path: str

    def open(self) -> int:
        """Open it for reading. Only for a file or folder: a device may act on being opened."""
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
        try:
            return os.open(f"/proc/self/fd/{self.descriptor}", flags)
        except OSError as error:
            raise problem_of(error.errno or errno.EIO, self.path) from None


@contextmanager
def found(directory: Directory, path: str, *, resolve: int = INSIDE) -> Iterator[Found]:
    """Hold what is at a path of a volume, following links as long as they stay inside.

    Raise NotFound if there is nothing, Invalid if the path leads out of the volume.
    """
    with held_root(directory) as root:
        descriptor = beneath(root, path, resolve)
        try:
            yield Found(descriptor, os.fstat(descriptor), path)
        finally:
            os.close(descriptor)


@contextmanager
def held_root(directory: Directory) -> Iterator[int]:
    """Hold the volume's own folder, if it is still the one that was looked at."""
    try:
        root = os.open(directory.path, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        raise NotFound("The volume was removed meanwhile.") from None
    try:
        status = os.fstat(root)
        if (status.st_dev, status.st_ino) != (directory.device, directory.inode):
            raise Conflict("The volume was replaced by another meanwhile; try again.")
        yield root
    finally:
        os.close(root)


def beneath(root: int, path: str, resolve: int = INSIDE) -> int:
    """A descriptor of what is at a path below `root`, which is held by it and not opened."""
    try:
        return opened_at(root, path or ".", os.O_PATH, resolve)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EPERM):
            raise Conflict(
                "Files of volumes cannot be opened safely here: Linux 5.6 is needed."
            ) from None
        raise problem_of(error.errno or errno.EIO, path) from None


def opened_at(folder: int, path: str, flags: int, resolve: int) -> int:
    """Open what is at a path below an opened folder. Raise OSError."""
    how = struct.pack("QQQ", flags | os.O_CLOEXEC, 0, resolve)
    name = os.fsencode(path)
    number = 0
    for _ in range(ATTEMPTS):
        descriptor = libc.syscall(
            ctypes.c_long(OPENAT2), folder, name, ctypes.c_char_p(how), ctypes.c_size_t(len(how))
        )
        if descriptor >= 0:
            return int(descriptor)
        number = ctypes.get_errno()
        if number not in (errno.EAGAIN, errno.EINTR):
            break
    raise OSError(number, os.strerror(number), path)


def opened_folder(folder: int, path: str, resolve: int = INSIDE) -> int:
    """Open a folder below an opened one for reading, through no link, however deep it is.

    Raise OSError. An empty path is the folder itself, opened once more.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    here = opened_at(folder, ".", flags, resolve)
    for way in ways(path):
        try:
            below = opened_at(here, way, flags, resolve | RESOLVE_NO_SYMLINKS)
        finally:
            os.close(here)
        here = below
    return here


def ways(path: str) -> Iterator[str]:
    """A path in pieces that the kernel takes."""
    left = path.strip("/")
    while len(left) > LONGEST_WAY:
        end = left.rindex("/", 0, LONGEST_WAY + 1)
        yield left[:end]
        left = left[end + 1 :]
    if left:
        yield left


@contextmanager
def told(place: Found) -> Iterator[None]:
    """Have a failure of the disk come out as a sentence for whoever waits for the answer."""
    try:
        yield
    except OSError as error:
        raise problem_of(error.errno or errno.EIO, place.path) from None


def target_of(folder: int, name: str) -> str:
    """Where a link of an opened folder leads. Raise FileNotFoundError if it is no link any more."""
    try:
        return os.readlink(name, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.EINVAL:
            raise FileNotFoundError(errno.ENOENT, "There is no such link", name) from None
        raise

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

from containermonkey.problems import Conflict, Invalid, NotFound, Problem
from engine.names import shortened
from volumes.files.paths import spelled
from volumes.local import Directory

OPENAT2 = 437
"""The number of the system call, the same on every architecture."""

RESOLVE_NO_MAGICLINKS, RESOLVE_BENEATH = 0x02, 0x08

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
def found(directory: Directory, path: str) -> Iterator[Found]:
    """Hold what is at a path of a volume, following links as long as they stay inside.

    Raise NotFound if there is nothing, Invalid if the path leads out of the volume.
    """
    with held_root(directory) as root:
        descriptor = beneath(root, path)
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


def beneath(root: int, path: str) -> int:
    """A descriptor of what is at a path below `root`, which is held by it and not opened."""
    how = struct.pack("QQQ", os.O_PATH | os.O_CLOEXEC, 0, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)
    name = os.fsencode(path or ".")
    number = 0
    for _ in range(ATTEMPTS):
        descriptor = libc.syscall(
            ctypes.c_long(OPENAT2), root, name, ctypes.c_char_p(how), ctypes.c_size_t(len(how))
        )
        if descriptor >= 0:
            return int(descriptor)
        number = ctypes.get_errno()
        if number not in (errno.EAGAIN, errno.EINTR):
            break
    raise problem_of(number, path)


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


def problem_of(number: int, path: str) -> Problem:
    """What an error of the system means to a person."""
    if number in (errno.EXDEV, errno.ELOOP):
        return Invalid("The path leads out of the volume, by a link.")
    if number in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
        return NotFound(f"The volume holds no {shortened('/' + spelled(path))}.")
    if number in (errno.ENOSYS, errno.EPERM):
        return Conflict("Files of volumes cannot be opened safely here: Linux 5.6 is needed.")
    return Conflict(f"It cannot be opened now: {os.strerror(number)}.")

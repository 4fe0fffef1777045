"""Folders of a volume that are opened, to change what is in them."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from containermonkey.problems import Problem
from volumes.files.opening import INSIDE, RESOLVE_NO_XDEV, found, told
from volumes.files.problems import not_a_folder, problem_of
from volumes.local import Directory

HERE = INSIDE | RESOLVE_NO_XDEV
"""Nothing is changed on another file system that is mounted somewhere in a volume."""


@contextmanager
def folder_to_change(directory: Directory, path: str) -> Iterator[int]:
    """Hold a folder of a volume, opened; what the system refuses in it comes out as a sentence.

    Raise Invalid if the path leads out of the volume or to no folder, NotFound if there is none.
    """
    with found(directory, path, resolve=HERE) as place:
        if not stat.S_ISDIR(place.status.st_mode):
            raise not_a_folder(place.path)
        folder = place.open()
        try:
            with told(place):
                yield folder
        finally:
            os.close(folder)


def status_in(folder: int, name: str) -> os.stat_result | None:
    """What is under a name of an opened folder, which may be a link; None if nothing is."""
    try:
        return os.lstat(name, dir_fd=folder)
    except FileNotFoundError:
        return None


def nothing_at(folder: str, name: str) -> Problem:
    return problem_of(errno.ENOENT, f"{folder}/{name}".lstrip("/"))


def is_same(first: int, second: int) -> bool:
    """Whether two opened folders are one."""
    one, other = os.fstat(first), os.fstat(second)
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)

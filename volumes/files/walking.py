"""Going down a folder of a volume, however deep it is, through no link."""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass

from volumes.files.opening import INSIDE, opened_folder

GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
"""What is said of a folder that was there a moment ago, or has become a file or a link."""


@dataclass(frozen=True, slots=True)
class Walked:
    """A folder that is open, the names in it in their order, and its `path` from the top, which is
    empty for the top itself and begins with a slash for all others."""

    path: str
    descriptor: int
    names: list[str]


def walk(top: int, resolve: int = INSIDE) -> Iterator[Walked]:
    """An opened folder and all below it, each before those in it.

    Each is opened from the top, so that only one is open at a time. What has vanished meanwhile is
    left out. Raise OSError for what cannot be read: it must not seem to be empty.
    """
    waiting = [""]
    while waiting:
        path = waiting.pop()
        try:
            folder = opened_folder(top, path, resolve)
        except OSError as error:
            if error.errno in GONE:
                continue
            raise
        try:
            with os.scandir(folder) as entries:
                names = sorted((each.name, each.is_dir(follow_symlinks=False)) for each in entries)
            yield Walked(path, folder, [name for name, _ in names])
        finally:
            os.close(folder)
        waiting += [f"{path}/{name}" for name, is_folder in reversed(names) if is_folder]

"""Removing and counting what is in a folder, by descriptors and never through a link."""

import errno
import os
import secrets
from contextlib import suppress
from itertools import islice
from pathlib import Path

from containermonkey.problems import Conflict
from volumes.files.opening import opened_folder
from volumes.files.walking import walk
from volumes.files.writing.mounts import MOUNTS, mount_points
from volumes.files.writing.names import shown
from volumes.files.writing.opened import HERE

AT_ONCE = 1000
"""Names of a folder that are read at once."""

ATTEMPTS = 5
"""Times that a folder is emptied into which somebody writes meanwhile."""

FILLED = (errno.ENOTEMPTY, errno.EEXIST)
"""What is said of a folder that is not empty."""


def remove(folder: int, name: str, *, is_folder: bool) -> None:
    """Remove an entry of an opened folder, and all that is in it."""
    if not is_folder:
        os.unlink(name, dir_fd=folder)
        return
    top = opened_folder(folder, name, HERE)
    try:
        if holds_mount(top):  # told before anything is lost
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        for _ in range(ATTEMPTS):
            try:
                empty(top)
                os.rmdir(name, dir_fd=folder)
            except OSError as error:
                if error.errno not in FILLED:
                    raise
            else:
                return
    finally:
        os.close(top)
    raise never_empty(name)


def never_empty(name: str) -> Conflict:
    return Conflict(f"{shown(name)} does not become empty: something writes into it.")


def holds_mount(folder: int) -> bool:
    """Whether something is mounted below an opened folder, a single file too."""
    above = os.fsencode(Path(f"/proc/self/fd/{folder}").readlink()) + b"/"
    return any(place.startswith(above) for place in mount_points(Path(MOUNTS).read_bytes()))


def empty(top: int) -> None:
    """Remove all that is in an opened folder.

    What is in a folder of it and is a folder again comes up beside that, so that two are open at
    a time, however deep they were, and nothing has to be remembered.
    """
    while names := some_names(top):
        for name in names:
            if not removed(top, name):
                below = opened_folder(top, name, HERE)
                try:
                    flatten(below, top)
                finally:
                    os.close(below)
                os.rmdir(name, dir_fd=top)


def flatten(folder: int, top: int) -> None:
    """Remove the files of an opened folder, and have its folders in the top one."""
    while names := some_names(folder):
        for name in names:
            if not removed(folder, name):
                new = f".deleting-{secrets.token_hex(16)}"
                with suppress(FileNotFoundError):
                    os.rename(name, new, src_dir_fd=folder, dst_dir_fd=top)


def removed(folder: int, name: str) -> bool:
    """Remove what is no folder, or an empty one. False if it is a folder with something in it."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass
    except IsADirectoryError:
        try:
            os.rmdir(name, dir_fd=folder)
        except OSError as error:
            if error.errno not in FILLED:
                raise
            return False
    return True


def some_names(folder: int) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in islice(entries, AT_ONCE)]


def count(top: int, most: int) -> int:
    total = 0
    for folder in walk(top):
        total += len(folder.names)
        if total >= most:
            return most
    return total

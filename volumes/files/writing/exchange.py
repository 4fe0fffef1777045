"""Giving a name to what is in a volume already, in one step that cannot be seen half done."""

import ctypes
import errno
import os
import stat

from containermonkey.problems import Conflict, Invalid
from volumes.files.opening import libc
from volumes.files.paths import spelled
from volumes.files.writing.names import shown
from volumes.files.writing.opened import status_in

RENAME_NOREPLACE = 1


def rename_to_free(source: int, name: str, target: int, new: str) -> None:
    """Rename what one opened folder holds into another, where the new name must be free.

    Raise FileExistsError if it is taken, another OSError for what else the system refuses.
    """
    flags = ctypes.c_uint(RENAME_NOREPLACE)
    if libc.renameat2(source, os.fsencode(name), target, os.fsencode(new), flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)


def put(source: int, name: str, target: int, new: str, *, overwrite: bool) -> None:
    """Rename what one opened folder holds into another, in place of a file only if so said.

    Raise Conflict if something is there that stays, Invalid if a folder would get into itself.
    """
    try:
        if overwrite:
            refuse_no_file(target, new)
            os.rename(name, new, src_dir_fd=source, dst_dir_fd=target)
        else:
            rename_to_free(source, name, target, new)
    except FileExistsError:
        raise taken(new) from None
    except (IsADirectoryError, NotADirectoryError):
        raise no_file(new) from None
    except OSError as error:
        status = status_in(source, name)
        if error.errno == errno.EINVAL and status and stat.S_ISDIR(status.st_mode):
            raise into_itself() from None
        raise


def refuse_no_file(folder: int, name: str) -> os.stat_result | None:
    """What is under a name, if it is a file that may be replaced; None if nothing is."""
    status = status_in(folder, name)
    if status and not stat.S_ISREG(status.st_mode):
        raise no_file(name)
    return status


def taken(name: str) -> Conflict:
    return Conflict(f"There is {shown(name)} in that folder already.", taken=spelled(name))


def into_itself() -> Invalid:
    return Invalid("A folder cannot be moved into itself.")


def no_file(name: str) -> Conflict:
    return Conflict(
        f"{shown(name)} is there already and is no file, which alone is replaced. "
        "Delete or rename it first."
    )

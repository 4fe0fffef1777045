"""What is said of a path of a volume that is not as it was asked for."""

import errno
import os

from containermonkey.problems import Conflict, Invalid, NoSpace, NotFound, Problem
from engine.names import shortened
from volumes.files.paths import spelled


def quoted(path: str) -> str:
    """A path as the system takes it, as a sentence can hold it."""
    return shortened("/" + spelled(path))


def not_a_file(path: str) -> Invalid:
    return Invalid(f"{quoted(path)} is not a file.")


def not_a_folder(path: str) -> Invalid:
    return Invalid(f"{quoted(path)} is not a folder.")


def vanished(name: str) -> NotFound:
    return NotFound(f"Something else has removed {shortened(spelled(name))} meanwhile.")


def problem_of(number: int, path: str) -> Problem:
    """What an error of the system means to a person."""
    if number in (errno.EXDEV, errno.ELOOP):
        return Invalid("The path leads out of the volume, by a link or a mount.")
    if number in (errno.ENOSPC, errno.EDQUOT):
        return NoSpace("There is no space left where the volume is.")
    if number == errno.EROFS:
        return Conflict("The volume is where nothing can be written.")
    if number in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
        return NotFound(f"The volume holds no {quoted(path)}.")
    return Conflict(f"It cannot be done now: {os.strerror(number)}.")

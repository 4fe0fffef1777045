"""The names that files and folders of a volume may be given."""

import os
from typing import NoReturn

from containermonkey.problems import Conflict, Invalid
from engine.names import shortened
from volumes.aside import ASIDE
from volumes.files.paths import inner, spelled, unspelled

LONGEST = 255
"""Bytes of a name, on every file system that volumes lie on."""


def checked_name(name: str, field: str = "name") -> str:
    """One name in the spelling of `volumes.files.paths`, as the system takes it.

    Raise Invalid for what can be no name in a folder, Conflict for one that jobs use.
    """
    try:
        plain = unspelled(name)
    except UnicodeEncodeError:
        refuse("is not text", field)
    return usable(plain, field)


def usable(name: str, field: str = "name") -> str:
    """A name as the system takes it, if it can be one in a folder and is none that jobs use."""
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        refuse("must be one name, without a slash", field)
    if len(os.fsencode(name)) > LONGEST:
        refuse(f"must have at most {LONGEST} bytes", field)
    if name.startswith(ASIDE):
        raise Conflict(f"Names that begin with {ASIDE} are those of jobs that work here.")
    return name


def split(path: str, field: str = "path") -> tuple[str, str]:
    """The folder of what is at a spelled path, and its name there; both as the system takes them.

    Raise Invalid if it leads out of the volume or is the volume's own folder.
    """
    folder, _, name = inner(path).rpartition("/")
    if not name:
        refuse("must not be the volume's own folder", field)
    return folder, usable(name, field)


def shown(name: str) -> str:
    """A name as the system takes it, as it is quoted in a sentence."""
    return shortened(spelled(name))


def refuse(reason: str, field: str) -> NoReturn:
    raise Invalid(f"The {field} {reason}.", fields={field: reason})

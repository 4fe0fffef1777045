"""Renaming what is in a volume, also into another folder of it."""

from accounts.audit import audited, require
from volumes.files.types import Entry
from volumes.files.writing.guard import changes_in
from volumes.files.writing.names import split


def move(volume: str, path: str, to: str, *, overwrite: bool = False) -> Entry:
    """Rename a file, folder or link from one path of a volume to another, and never what it leads
    to. With `overwrite` a file that is there already is replaced.

    Raise NotFound if there is nothing, Conflict if the new name is taken, Invalid if a path leads
    out of the volume, or a folder into itself.
    """
    may_replace(overwrite, volume)
    with audited("volume.rename", volume, path=path, to=to, overwrite=overwrite):
        source, target = split(path), split(to, "to")
        with changes_in(volume) as changes:
            return changes.move(source, target, overwrite=overwrite)


def may_replace(overwrite: bool, volume: str) -> None:
    """Raise NotAllowed where a file would be replaced, which loses it, without that right."""
    if overwrite:
        require("volume.replace_file", volume)

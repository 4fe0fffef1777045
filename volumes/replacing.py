"""Putting one file or folder into a volume, in the place of what is called so there.

The new one is unpacked into the folder in which old content is kept (`volumes.aside`), then two
renames exchange it for the old one, which stays there until the job commits. What is where tells
how far that is: while the folder holds the new one, the exchange is not over.
"""

import base64
import os
from dataclasses import asdict, dataclass
from typing import Any

from containermonkey.problems import Conflict, Invalid, NotFound
from engine import Docker, engine
from engine.helpers import helper, remove_helpers
from engine.streams import stat_path, write_archive
from engine.tar import END_OF_TAR, directory_entry
from jobs.registry import undo_action
from jobs.undo import Undo
from volumes.aside import Place, holds, is_gone, reach_into, root_of
from volumes.services import GO_DIRECTORY, GO_SYMLINK

TAKE_BACK = "volumes.take_back"


@dataclass(frozen=True)
class Spot:
    """A file or folder in a place: `path` from its root, without a slash before it."""

    place: Place
    path: str

    @property
    def new(self) -> str:
        """Where the new one waits, from the root of the place."""
        return f"{self.place.aside}/new"

    @property
    def old(self) -> str:
        """Where the old one is kept."""
        return f"{self.place.aside}/old"


def look_at(docker: Docker, spot: Spot) -> bool:
    """Whether something is at a spot already.

    Raise NotFound unless everything above it is a folder, and none of it a link; Invalid for a
    path that does not only lead down.
    """
    place = spot.place
    if not {"", ".", ".."}.isdisjoint(spot.path.split("/")):
        raise Invalid(f"There can be no {shown(spot.path)} in {place.source}.")
    with helper(docker, [place.as_mount()], place.job) as container:
        above = place.target
        for name in spot.path.split("/")[:-1]:
            above = f"{above}/{name}"
            seen = stat_path(docker, container, above)
            if seen is None or not seen["mode"] & GO_DIRECTORY or seen["mode"] & GO_SYMLINK:
                raise NotFound(
                    f"The folder {shown(above.removeprefix(place.target))} is not in "
                    f"{place.source} any more. Put that folder back, or one above it."
                )
        return holds(docker, container, place, spot.path)


def shown(path: str) -> str:
    """A path as a sentence can hold it."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def make_room(undo: Undo, docker: Docker, spot: Spot) -> int:
    """Make the folder into which the new one is unpacked, as `spot.new`; the key of its undo.

    Raise Conflict if there is no way to act inside the place.
    """
    place = spot.place
    with helper(docker, [place.as_mount()], place.job) as container:
        key = undo.write(
            TAKE_BACK,
            place=asdict(place),
            path=as_text(os.fsencode(spot.path)),
            root=as_text(root_of(docker, container, place)),
            had=None,
        )
        folder = directory_entry(f"{place.target[1:]}/{place.aside}")
        write_archive(docker, container, "/", [folder + END_OF_TAR])
    reach_into(docker, place, place.aside)
    return key


def exchange(undo: Undo, key: int, docker: Docker, spot: Spot, replace: bool) -> None:
    """Put the new one in place of the old one, if there is one, which is kept.

    Raise Conflict if there is one without `replace`.
    """
    reach = reach_into(docker, spot.place, spot.place.aside)
    had = look_at(docker, spot)
    if had and not replace:
        raise Conflict(
            f"{shown(spot.path)} has come to be in {spot.place.source} since this was asked for. "
            "It stays as it is; ask again to have it replaced."
        )
    undo.update(key, had=had)
    if had:
        reach.move(spot.path, spot.old)
    reach.move(spot.new, spot.path)


@undo_action(TAKE_BACK, holds_up=True)
def take_back(place: dict[str, Any], path: str, root: str, had: bool | None) -> None:
    """Have the old one in its place again, and nothing left of the new one.

    `had` says whether there was an old one; None as long as nothing had been exchanged.
    """
    spot = Spot(Place(**place), os.fsdecode(base64.b64decode(path)))
    with engine() as docker:
        if is_gone(docker, spot.place):
            return
        # The removal of helpers waits until the Engine has unpacked what it was sent.
        remove_helpers(docker, spot.place.job)
        with helper(docker, [spot.place.as_mount()], spot.place.job) as container:
            if not holds(docker, container, spot.place, spot.place.aside):
                return
            if had is not None:
                exchange_again(docker, container, spot, had=had)
            reach_into(docker, spot.place, spot.place.aside).remove(spot.place.aside)
            write_archive(docker, container, "/", [base64.b64decode(root) + END_OF_TAR])


def exchange_again(docker: Docker, container: str, spot: Spot, *, had: bool) -> None:
    """Take the new one out of its place, where it is there, and put the old one back."""
    reach = reach_into(docker, spot.place, spot.place.aside)
    kept = holds(docker, container, spot.place, spot.old)
    is_in_place = not holds(docker, container, spot.place, spot.new) and (kept or not had)
    if is_in_place and holds(docker, container, spot.place, spot.path):
        reach.move(spot.path, spot.new)
    if kept:
        reach.move(spot.old, spot.path)


def as_text(content: bytes) -> str:
    return base64.b64encode(content).decode()

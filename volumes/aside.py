"""Setting the content of a volume aside, so that it can come back.

A volume cannot be renamed and the old content is not to be copied: it is renamed into a folder
inside the volume, and removed only when nobody will want it back. The folder's name tells how far
that is, so that an undo that is cut short can be begun again: with `.moving` behind it, every
entry around it is still (or again) an old one; without, it holds the whole of the old content and
whatever is around it is new.
"""

import base64
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from containermonkey.problems import Conflict
from engine import Docker, engine
from engine.helpers import helper, helper_image, remove_helpers
from engine.streams import changed_at, nanoseconds_at, read_archive, stat_path, write_archive
from engine.tar import END_OF_TAR, directory_entry, header_of
from jobs.registry import undo_action
from jobs.undo import Undo
from volumes.reach import Attributes, DirectoryReach, HelperReach, Reach
from volumes.services import folder_state

PUT_BACK = "volumes.put_back"
DISCARD = "volumes.discard"

ASIDE = ".container-monkey-"
"""How the names of the folders begin in which jobs keep what they will put back."""


@dataclass(frozen=True)
class Place:
    """A volume or folder of the host that is overwritten. `path`: where it lies on the host."""

    type: str
    source: str
    path: str
    key: str
    job: str

    @property
    def aside(self) -> str:
        return f"{ASIDE}{self.job}"

    @property
    def moving(self) -> str:
        return f"{self.aside}.moving"

    @property
    def target(self) -> str:
        """Where a helper container mounts it."""
        return f"/volumes/{self.key}"

    def as_mount(self) -> dict[str, Any]:
        return {"Type": self.type, "Source": self.source, "Target": self.target}


def can_overwrite(docker: Docker, place: Place) -> bool:
    """Whether there is a way to act inside a place; told without changing anything in it."""
    if helper_image(docker):
        return True
    if not is_root():
        return False
    with helper(docker, [place.as_mount()], place.job) as container:
        seen = stat_path(docker, container, place.target)
    return seen is not None and is_same_directory(Path(place.path), seen)


def is_same_directory(path: Path, seen: dict[str, Any]) -> bool:
    """Whether our directory of this path is the one that the Engine sees: by its mtime."""
    try:
        ours = path.stat()
    except OSError:
        return False
    return changed_at(seen) == ours.st_mtime_ns // 1000


def set_aside(undo: Undo, docker: Docker, place: Place) -> bool:
    """Move the content of a place into a folder inside it, so that it can be filled anew.

    Return whether the place itself is bare too; False where extended attributes may be left on
    it, because nothing in reach can tell them. Raise Conflict if there is no way to act inside it.
    """
    with helper(docker, [place.as_mount()], place.job) as container:
        root = root_of(docker, container, place)
        text = base64.b64encode(root).decode()
        time = time_of(docker, container, place)
        key = undo.write(PUT_BACK, place=asdict(place), root=text, time=time)
        folder = directory_entry(f"{place.target[1:]}/{place.moving}")
        write_archive(docker, container, "/", [folder + END_OF_TAR])
    reach = reach_into(docker, place, place.moving)
    undo.update(key, attributes=reach.attributes())
    reach.move_all_into(place.moving)
    reach.rename(place.moving, place.aside)
    return reach.set_attributes({})


def reach_into(docker: Docker, place: Place, folder: str) -> Reach:
    """The way to act inside a place that holds `folder` already.

    The folder was made through the Engine: seeing it through the path proves that the directory
    of this name is that of the Engine's host, and not one of ours.
    """
    if is_visible(place, folder):
        return DirectoryReach(Path(place.path))
    image = helper_image(docker)
    if image is None:
        raise Conflict(
            f"The content of {place.source} cannot be replaced: its directory is out of reach and "
            "no helper image is set (CONTAINERMONKEY_HELPER_IMAGE). Restore into new volumes, or "
            "keep the content."
        )
    return HelperReach(docker, image, place.as_mount(), place.job)


def is_visible(place: Place, folder: str) -> bool:
    """Whether this process sees `folder` in the directory of the place, and may do all there."""
    try:
        return is_root() and (Path(place.path) / folder).is_dir()
    except OSError:
        return False


def is_root() -> bool:
    """Whether files of any owner can be moved and removed by this process."""
    return os.geteuid() == 0


@undo_action(PUT_BACK, holds_up=True)
def put_back(
    place: dict[str, Any],
    root: str,
    time: int | None = None,
    attributes: Attributes | None = None,
) -> None:
    """Have the old content in its place again, and all that is known of the root with it."""
    where = Place(**place)
    with engine() as docker:
        if is_gone(docker, where):
            return
        # The Engine may still be unpacking what a killed process had sent. The removal of the
        # helper that it unpacks into waits for that; otherwise it would write over the old content.
        remove_helpers(docker, where.job)
        put_back_with(docker, where, base64.b64decode(root), time, attributes)


def put_back_with(
    docker: Docker, where: Place, root: bytes, time: int | None, attributes: Attributes | None
) -> None:
    with helper(docker, [where.as_mount()], where.job) as container:
        if holds(docker, container, where, where.aside):
            reach = reach_into(docker, where, where.aside)
            reach.remove_all_but(where.aside)
            reach.rename(where.aside, where.moving)
        if holds(docker, container, where, where.moving):
            reach = reach_into(docker, where, where.moving)
            # Before the folder goes: without it, an undo that was cut short takes them for done.
            if attributes is not None:
                reach.set_attributes(attributes)
            reach.move_all_out_of(where.moving)
            write_archive(docker, container, "/", [root + END_OF_TAR])
            if time is not None:
                reach.set_time(time)
        else:
            write_archive(docker, container, "/", [root + END_OF_TAR])


@undo_action(DISCARD)
def discard(place: dict[str, Any]) -> None:
    """Remove the old content, when the new one is to stay."""
    where = Place(**place)
    with engine() as docker:
        if not is_gone(docker, where):
            discard_with(docker, where)


def discard_with(docker: Docker, where: Place) -> None:
    with helper(docker, [where.as_mount()], where.job) as container:
        if holds(docker, container, where, where.aside):
            root, time = root_of(docker, container, where), time_of(docker, container, where)
            reach = reach_into(docker, where, where.aside)
            reach.remove(where.aside)
            # The removal has changed the time of the root.
            write_archive(docker, container, "/", [root + END_OF_TAR])
            reach.set_time(time)


def is_gone(docker: Docker, place: Place) -> bool:
    """Whether somebody has removed a place since; a helper would make it anew, or never begin."""
    if place.type == "volume":
        return docker.find_volume(place.source) is None
    return folder_state(docker, place.source, place.job) == "missing"


def root_of(docker: Docker, container: str, place: Place) -> bytes:
    """The tar header of a place's root: its owner, mode and time."""
    return header_of(read_archive(docker, container, "/volumes"), place.target[1:])


def time_of(docker: Docker, container: str, place: Place) -> int:
    """When a place's root was changed last, in nanoseconds."""
    seen = stat_path(docker, container, place.target)
    return nanoseconds_at(seen) if seen else 0


def holds(docker: Docker, container: str, place: Place, folder: str) -> bool:
    return stat_path(docker, container, f"{place.target}/{folder}") is not None

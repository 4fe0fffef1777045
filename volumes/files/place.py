"""Where the files of a volume are, for reading while somebody waits for the answer."""

from pathlib import Path

from containermonkey.problems import Conflict
from engine import Docker, engine
from engine.helpers import helper
from volumes.local import Directory, may_do_all, owners_are_plain
from volumes.queries import volume_details
from volumes.types import VolumeDetails

LABEL = "volume-files"
"""What helpers are marked with that no job has made."""

MOST_PROVEN = 1000

_proven: set[tuple[str, Directory]] = set()
"""Addresses of Engines with directories that were found to be theirs. (When a volume was made is
no part of it: an Engine tells the time of the directory's last change instead.)"""


def directory_of(name: str) -> Directory:
    """The directory of a volume, within reach of this process.

    Raise NotFound if there is no such volume, NotAllowed if it is Container Monkey's own, and
    Conflict if its directory is out of reach.
    """
    volume = volume_details(name)
    directory = seen(volume)
    if directory is None:
        raise Conflict(
            f"The files of {volume.name} cannot be shown: its directory is out of this program's "
            "reach. They can be downloaded from a backup of it."
        )
    return directory


def seen(volume: VolumeDetails) -> Directory | None:
    # The Engine mounts a volume with options only while it is used.
    if volume.driver != "local" or volume.options or not Path(volume.mountpoint).is_dir():
        return None
    directory = Directory.at(volume.mountpoint)
    with engine() as docker:
        proof = (docker.url, directory)
        if proof in _proven:
            return directory
        if not is_ours(docker, Path(volume.mountpoint)):
            return None
    if len(_proven) >= MOST_PROVEN:
        _proven.clear()
    _proven.add(proof)
    return directory


def is_ours(docker: Docker, mountpoint: Path) -> bool:
    """Whether this process sees the Engine's volumes where the Engine has them.

    Another host may have a volume of this name at this path. So the Engine makes one whose name
    nobody can know before, and that has to be seen beside it.
    """
    if not may_do_all() or not owners_are_plain(docker):
        return False
    with helper(docker, [{"Type": "volume", "Target": "/seen"}], LABEL) as container:
        made = docker.inspect_container(container)["Mounts"][0]["Name"]
        path = Path(docker.inspect_volume(made)["Mountpoint"])
        return path.is_dir() and path.parent.parent == mountpoint.parent.parent

"""Chooses the best way to the files of a volume, while somebody waits for the answer."""

from pathlib import Path

from containermonkey.problems import NotAllowed
from engine import Docker, engine
from engine.helpers import helper, helper_image
from engine.identity import FILES_LABEL
from volumes.files.directory import InDirectory
from volumes.files.helped import InHelper
from volumes.files.places import Place
from volumes.files.remotely import ByEngine
from volumes.local import Directory, may_do_all, owners_are_plain
from volumes.protected import OWN, OwnData, holds_own_data, host_folders
from volumes.queries import usable_volume
from volumes.types import VolumeDetails

MOST_PROVEN = 1000

_proven: set[tuple[str, Directory]] = set()
"""Addresses of Engines with directories that were found to be theirs. (When a volume was made is
no part of it: an Engine tells the time of the directory's last change instead.)"""


def place_of(name: str) -> Place:
    """The files of a volume by the best way that there is: in its directory, by the programs of a
    helper container, or as the Engine sends them.

    Raise NotFound if there is no such volume, NotAllowed if it is Container Monkey's own or shows
    its data, or Docker's.
    """
    volume = usable_volume(name)
    if directory := seen(volume):
        return InDirectory(volume.name, directory)
    refuse_own_data(volume)
    with engine() as docker:
        image = helper_image(docker)
    return InHelper(volume, image) if image else ByEngine(volume)


def refuse_own_data(volume: VolumeDetails) -> None:
    """Raise NotAllowed where a volume stands for a folder of the host that holds our own data."""
    folders = host_folders({"Driver": volume.driver, "Options": volume.options})
    if not folders:
        return
    with engine() as docker:
        own = OwnData.of(docker)
        if any(holds_own_data(docker, folder, own, FILES_LABEL) for folder in folders):
            raise NotAllowed(f"The files of {volume.name} are not shown. {OWN}")


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
    with helper(docker, [{"Type": "volume", "Target": "/seen"}], FILES_LABEL) as container:
        made = docker.inspect_container(container)["Mounts"][0]["Name"]
        path = Path(docker.inspect_volume(made)["Mountpoint"])
        return path.is_dir() and path.parent.parent == mountpoint.parent.parent

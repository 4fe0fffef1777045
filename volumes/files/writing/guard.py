"""What is looked at before anything is changed in a volume."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from django.conf import settings

from containermonkey.problems import Conflict, NotAllowed
from engine import engine
from engine.helpers import helper_image
from engine.identity import FILES_LABEL, is_helper
from jobs.services import volumes_in_work
from volumes.files.places import Changes
from volumes.files.ways import seen
from volumes.files.writing.directory import DirectoryChanges
from volumes.files.writing.helped import changes_by_helper
from volumes.protected import OwnData, host_folders, reason_against_folder
from volumes.queries import usable_volume, uses_in
from volumes.types import VolumeDetails


def refuse_read_only() -> None:
    """Raise NotAllowed where the files of volumes are only looked at."""
    if settings.VOLUMES_READ_ONLY:
        raise NotAllowed(
            "Files of volumes are not changed here: CONTAINERMONKEY_VOLUMES_READ_ONLY is set."
        )


@contextmanager
def changes_in(name: str) -> Iterator[Changes]:
    """The files of a volume in which something will be changed, as long as the block lasts.

    Raise NotFound, NotAllowed for Container Monkey's own, the host's own or by the setting,
    Conflict if nothing reaches it or a job works with it.
    """
    refuse_read_only()
    volume = usable_volume(name)
    if volume.held:
        raise in_work(volume.name)
    refuse_in_work(volume.name)
    with reached(volume) as changes:
        if changes.holds_working_folder():
            raise in_work(volume.name)
        yield changes


def reached(volume: VolumeDetails) -> AbstractContextManager[Changes]:
    """The best way that there is to change a volume: its directory, or a helper container."""
    if directory := seen(volume):
        return nullcontext(DirectoryChanges(directory))
    with engine() as docker:
        image = helper_image(docker)
    if image is None:
        raise Conflict(
            f"The files of {volume.name} cannot be changed: its directory is out of this program's "
            "reach, and CONTAINERMONKEY_HELPER_IMAGE names no image on the host. They can be "
            "looked at and downloaded."
        )
    refuse_host_folders(volume)
    refuse_fleeting(volume)
    return changes_by_helper(volume, image)


def refuse_fleeting(volume: VolumeDetails) -> None:
    """Raise Conflict where a volume is in memory and nothing would keep what is written to it."""
    if volume.options.get("type") != "tmpfs":
        return
    with engine() as docker:
        running = docker.list_containers(filters={"volume": [volume.name], "status": ["running"]})
    if not any(uses_in(row, volume.name) and not is_helper(row["Labels"]) for row in running):
        raise Conflict(
            f"The volume {volume.name} is in memory: what is written to it is lost unless a "
            "container that mounts it is running."
        )


def refuse_host_folders(volume: VolumeDetails) -> None:
    """Raise NotAllowed where a volume stands for a folder of the host that is left alone."""
    folders = host_folders({"Driver": volume.driver, "Options": volume.options})
    if not folders:
        return
    with engine() as docker:
        own = OwnData.of(docker)
        for folder in folders:
            if reason := reason_against_folder(docker, folder, own, FILES_LABEL):
                raise NotAllowed(f"The files of {volume.name} are not changed. {reason}")


def refuse_in_work(name: str) -> None:
    """Raise Conflict where a job that has begun fills the volume, or has yet to put it right."""
    if name in volumes_in_work(waiting=False):
        raise in_work(name)


def in_work(name: str) -> Conflict:
    return Conflict(f"A job works with the volume {name}. Wait until it is over, or cancel it.")

"""Whether content of the host can be replaced: who uses it, and whether there is a way in."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from backups.planning.ground import Ground
from containers.labels import SWARM_SERVICE
from containers.mapping import name_of
from containers.queries import ALIVE
from engine.names import shortened
from volumes.aside import Place, can_overwrite
from volumes.protected import SYSTEM_PATHS, normal, within
from volumes.services import folder_state


def check_overwriting(
    ground: Ground, source: dict[str, Any], path: str, *, folder: str | None = None
) -> None:
    """Find out whether what is to be overwritten is in use, and whether it can be done.

    `path` is where it lies on the host, `folder` the same where that is not Docker's own.
    """
    name = source["name"]
    for holder, way in users_of(ground, source, folder):
        message = f"{holder} is running and uses {name}; {way} before its data is replaced."
        ground.conflict("volume_in_use", name, message)
    if not can_overwrite(
        ground.docker, Place(source["type"], name, path, source["key"], ground.job)
    ):
        message = (
            f"The content of {name} cannot be replaced from here: its directory is out of reach "
            "and CONTAINERMONKEY_HELPER_IMAGE names no image on the host. Restoring into new "
            "volumes, or keeping the content, is possible."
        )
        ground.conflict("volume", name, message, "on_conflict")


def users_of(
    ground: Ground, source: dict[str, Any], folder: str | None
) -> Iterator[tuple[str, str]]:
    """The running containers that see a volume or folder, but for those that go.

    Of each its name and how it is had to end: a swarm starts another one for a task that stops.
    """
    for container in ground.containers:
        running = container["State"] in ALIVE
        mounts = container.get("Mounts") or []
        uses = any(sees(mount, source, folder, ground) for mount in mounts)
        if running and uses and container["Id"] not in ground.leaving:
            service = (container["Labels"] or {}).get(SWARM_SERVICE)
            way = f"scale the service {shortened(service)} to 0" if service else "stop it"
            yield name_of(container), way


def sees(mount: dict[str, Any], source: dict[str, Any], folder: str | None, ground: Ground) -> bool:
    """Whether a mount shows a volume or folder, or a part of it."""
    if mount["Type"] == "volume":
        return source["type"] == "volume" and mount.get("Name") == source["name"]
    if mount["Type"] != "bind" or folder is None:
        return False
    mounted, folder = (normal(p, follow=ground.own.on_host) for p in (mount["Source"], folder))
    # Whoever mounts one of the host's own folders watches the host and has no data there.
    return within(mounted, folder) or (within(folder, mounted) and mounted not in SYSTEM_PATHS)


def can_be_filled(ground: Ground, folder: str, key: str) -> bool:
    """Whether a folder of the host, which need not be there, can be filled and emptied again."""
    there = str(next(path for path in with_parents(folder) if is_there(ground, path)))
    return can_overwrite(ground.docker, Place("bind", there, there, key, ground.job))


def with_parents(folder: str) -> Iterator[PurePosixPath]:
    yield PurePosixPath(folder)
    yield from PurePosixPath(folder).parents


def is_there(ground: Ground, path: PurePosixPath) -> bool:
    return (
        path == PurePosixPath("/")
        or folder_state(ground.docker, str(path), ground.job) != "missing"
    )

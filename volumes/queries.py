"""What may be asked about volumes."""

import re
from typing import Any

from accounts.masks import visible_pairs
from containermonkey.problems import NotAllowed, NotFound
from containers.labels import stack_of
from containers.mapping import name_of
from engine import engine
from engine.identity import is_at_files, is_helper, is_hidden, is_program
from engine.names import shortened
from engine.times import moment
from volumes.types import VolumeDetails, VolumeUse


def volume_details(name: str) -> VolumeDetails:
    """A volume and the containers that mount it; two calls of the Engine.

    Raise NotFound if there is none of that name, NotAllowed if it is Container Monkey's own and
    that is not shown.
    """
    with engine() as docker:
        volume = docker.find_volume(name)
        if volume is None:
            raise NotFound(f"There is no volume named {shortened(name)}.")
        rows = docker.list_containers(filters={"volume": [volume["Name"]]})
    # The filter takes a destination for a name, too; so each mount is looked at.
    users = [row for row in rows if uses_in(row, volume["Name"])]
    if any(makes_own(row) for row in users):
        raise NotAllowed("This volume is Container Monkey's own, which is not shown here.")
    return details_of(volume, users)


def usable_volume(name: str) -> VolumeDetails:
    """A volume that is no matter of this program alone: its files may be looked at, and so on.

    Raise NotFound, or NotAllowed for Container Monkey's own, also where that is shown.
    """
    volume = volume_details(name)
    if volume.own:
        raise NotAllowed(
            f"The volume {volume.name} is Container Monkey's own: nothing is done with it here."
        )
    return volume


def is_there(name: str) -> bool:
    """Whether the host has a volume of that name."""
    with engine() as docker:
        return docker.find_volume(name) is not None


def is_anonymous(name: str) -> bool:
    """Whether the Engine made the name of a volume up, because nobody gave it one.

    Told by the name alone: a container that was made again mounts its anonymous volumes by name,
    as compose does too, and they are no less anonymous for that.
    """
    return re.fullmatch(r"[0-9a-f]{64}", name) is not None


def makes_own(row: dict[str, Any]) -> bool:
    """Whether what the container of an entry mounts is Container Monkey's own, and not shown.

    A helper of it mounts the volumes of others.
    """
    return is_program(row["Id"], row["Labels"]) and is_hidden(row["Id"], row["Labels"])


def details_of(volume: dict[str, Any], users: list[dict[str, Any]]) -> VolumeDetails:
    """The details from an inspect and the entries of those containers that mount it."""
    labels = volume.get("Labels") or {}
    return VolumeDetails(
        name=volume["Name"],
        driver=volume["Driver"],
        scope=volume.get("Scope") or "local",
        mountpoint=volume.get("Mountpoint") or "",
        created=moment(volume.get("CreatedAt")),
        stack=stack_of(labels),
        labels=visible_pairs(labels),
        options=visible_pairs(volume.get("Options") or {}),
        uses=sorted(
            (
                use
                for row in users
                if not is_hidden(row["Id"], row["Labels"])
                for use in uses_in(row, volume["Name"])
            ),
            key=lambda use: (use.container.casefold(), use.destination),
        ),
        held=any(is_helper(row["Labels"]) and not is_at_files(row["Labels"]) for row in users),
        looked_at=tuple(row["Id"] for row in users if is_at_files(row["Labels"])),
        own=any(is_program(row["Id"], row["Labels"]) for row in users),
    )


def uses_in(row: dict[str, Any], volume: str) -> list[VolumeUse]:
    """Where the container of an entry of the list mounts a volume."""
    return [
        VolumeUse(name_of(row), mount["Destination"], not mount["RW"])
        for mount in row["Mounts"] or []
        if mount["Type"] == "volume" and mount.get("Name") == volume
    ]

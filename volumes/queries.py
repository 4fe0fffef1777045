"""What may be asked about volumes."""

from datetime import datetime
from typing import Any

from containermonkey.problems import NotAllowed, NotFound
from containers.mapping import name_of, stack_of
from engine import engine
from engine.identity import is_helper, is_hidden, is_program
from engine.names import shortened
from volumes.types import VolumeDetails, VolumeUse


def volume_details(name: str) -> VolumeDetails:
    """A volume and the containers that mount it; two calls of the Engine.

    Raise NotFound if there is none of that name, NotAllowed if it is Container Monkey's own.
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


def makes_own(row: dict[str, Any]) -> bool:
    """Whether what the container of an entry mounts is Container Monkey's own, and not shown.

    A helper of it mounts the volumes of others.
    """
    return is_program(row["Id"], row["Labels"]) and is_hidden(row["Id"], row["Labels"])


def details_of(volume: dict[str, Any], users: list[dict[str, Any]]) -> VolumeDetails:
    """The details from an inspect and the entries of those containers that mount it."""
    labels = volume.get("Labels") or {}
    created = volume.get("CreatedAt")
    return VolumeDetails(
        name=volume["Name"],
        driver=volume["Driver"],
        scope=volume.get("Scope") or "local",
        mountpoint=volume.get("Mountpoint") or "",
        created=datetime.fromisoformat(created) if created else None,
        stack=stack_of(labels),
        labels=labels,
        options=volume.get("Options") or {},
        uses=sorted(
            (
                use
                for row in users
                if not is_hidden(row["Id"], row["Labels"])
                for use in uses_in(row, volume["Name"])
            ),
            key=lambda use: (use.container.casefold(), use.destination),
        ),
        held=any(is_helper(row["Labels"]) for row in users),
    )


def uses_in(row: dict[str, Any], volume: str) -> list[VolumeUse]:
    """Where the container of an entry of the list mounts a volume."""
    return [
        VolumeUse(name_of(row), mount["Destination"], not mount["RW"])
        for mount in row["Mounts"] or []
        if mount["Type"] == "volume" and mount.get("Name") == volume
    ]

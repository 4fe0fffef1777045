"""The container in a backup, as pages and the API show a living one."""

from datetime import datetime
from typing import Any

from backups.archive.errors import DamagedArchive
from containers.mapping import details_of
from containers.types import ContainerDetails


def saved_container(inspect: dict[str, Any]) -> ContainerDetails:
    """A container's details from the inspect in an archive, which may come from anywhere.

    Raise DamagedArchive if it is not the inspect of a container.
    """
    try:
        return details_of(as_row(inspect), inspect)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DamagedArchive("The archive's description of the container is not whole.") from error


def as_row(inspect: dict[str, Any]) -> dict[str, Any]:
    """The entry that the container would have in the Engine's list, but for its ports."""
    config, status = inspect["Config"], inspect["State"]["Status"]
    return {
        "Id": inspect["Id"],
        "Names": [inspect["Name"]],
        "Image": config["Image"],
        "ImageID": inspect["Image"],
        "Labels": config.get("Labels"),
        "State": status,
        "Status": status,
        "Ports": [],
        "Created": datetime.fromisoformat(inspect["Created"]).timestamp(),
        "Mounts": inspect.get("Mounts"),
        "NetworkSettings": inspect["NetworkSettings"],
    }

"""What the Engine leaves out about the mounts of a container."""

from pathlib import PurePosixPath
from typing import Any


def with_volume_names(container: dict[str, Any]) -> dict[str, Any]:
    """A container, from a list or an inspect, of which every mounted volume has its name.

    Engine 28 says none for a volume that it made itself for a folder among the `Binds`; of those
    of the local driver the directory tells it.
    """
    for mount in container.get("Mounts") or []:
        if mount.get("Type") == "volume" and not mount.get("Name"):
            mount["Name"] = name_in(PurePosixPath(mount.get("Source") or ""))
    return container


def name_in(directory: PurePosixPath) -> str:
    return directory.parent.name if directory.name == "_data" else ""

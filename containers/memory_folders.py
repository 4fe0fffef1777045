"""The folders that containers keep in memory, as `docker run --tmpfs` makes them.

They are mounted like everything else, but the Engine names them neither in its list nor among the
`Mounts` of an inspect: only in `HostConfig.Tmpfs`, which is fixed when a container is created.
"""

from collections.abc import Iterable
from typing import Any

from containermonkey.problems import NotFound
from engine import Docker, engine

Mounts = list[dict[str, Any]]


class Remembered:
    """What was found of each container of the host, by its id."""

    def __init__(self) -> None:
        self._by_id: dict[str, Mounts] = {}

    def among(self, docker: Docker, ids: Iterable[str]) -> dict[str, Mounts]:
        """The folders in memory of each container; one that is new costs one call, once.

        Containers that are no longer among them are forgotten.
        """
        known = self._by_id
        found = {id: known[id] if id in known else look_at(docker, id) for id in ids}
        self._by_id = found
        return found


remembered = Remembered()


def look_at(docker: Docker, container: str) -> Mounts:
    """The folders in memory of one container; none of one that is gone meanwhile."""
    try:
        with engine():
            return folders_in_memory(docker.inspect_container(container))
    except NotFound:
        return []


def folders_in_memory(inspect: dict[str, Any]) -> Mounts:
    """What `--tmpfs` asked for, in the shape of the Engine's `Mounts`."""
    return [
        {"Type": "tmpfs", "Source": "", "Destination": path, "Mode": "", "RW": writable(options)}
        for path, options in sorted((inspect["HostConfig"].get("Tmpfs") or {}).items())
    ]


def writable(options: str) -> bool:
    return "ro" not in options.split(",")


def all_mounts(inspect: dict[str, Any]) -> Mounts:
    """Every mount of a container, those in memory last."""
    return [*(inspect.get("Mounts") or []), *folders_in_memory(inspect)]

"""What is asked of and done with volumes and folders of the Docker host."""

from typing import Any, Literal

from containermonkey.problems import Invalid
from engine import Docker, engine
from engine.helpers import helper
from engine.streams import read_archive, stat_path
from engine.tar import count_below

GO_DIRECTORY, GO_SYMLINK, GO_SOCKET = 1 << 31, 1 << 27, 1 << 24
"""Bits of the mode that the Engine tells of a path, as Go defines them."""

LOOKED_AT = "/looked-at/folder"
"""Where a helper container has a folder or volume that is looked at."""

FolderState = Literal["missing", "empty", "filled", "file", "socket"]


def create_body(inspect: dict[str, Any], name: str) -> dict[str, Any]:
    """The body of `POST /volumes/create` that makes the inspected volume again under `name`."""
    return {
        "Name": name,
        "Driver": inspect.get("Driver") or "local",
        "DriverOpts": inspect.get("Options") or {},
        "Labels": inspect.get("Labels") or {},
    }


def folder_state(docker: Docker, path: str, job: str) -> FolderState:
    """What is at a path of the Docker host, as its Engine sees it."""
    mount = {"Type": "bind", "Source": path, "Target": LOOKED_AT, "ReadOnly": True}
    try:
        with engine(), helper(docker, [mount], job) as container:
            seen = stat_path(docker, container, LOOKED_AT)
            if seen is None:
                return "missing"
            if seen["mode"] & GO_SOCKET:
                return "socket"
            if not seen["mode"] & GO_DIRECTORY:
                return "file"
            return "empty" if is_empty(docker, container, LOOKED_AT) else "filled"
    except Invalid:  # “bind source path does not exist”
        return "missing"


def volume_is_empty(docker: Docker, name: str, job: str) -> bool:
    """Whether there is nothing in a volume."""
    mount = {"Type": "volume", "Source": name, "Target": LOOKED_AT, "ReadOnly": True}
    with helper(docker, [mount], job) as container:
        return is_empty(docker, container, LOOKED_AT)


def is_empty(docker: Docker, container: str, path: str) -> bool:
    return count_below(read_archive(docker, container, path), limit=1) == 0

"""Helper containers that are started and wait, for commands and questions inside of them.

They may do only what they need, their own files are read-only, and the Engine removes them by
itself when they end: so they are gone even where nobody is left to remove them.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from engine.client import Docker
from engine.commands import input_of
from engine.helpers import remove_helper, removed_afterwards, running_body


@contextmanager
def waiting_helper(
    docker: Docker, image: str, mounts: Iterable[dict[str, Any]], job: str, needs: list[str]
) -> Iterator[str]:
    """A helper for commands in it (`engine.commands`), with the capabilities it `needs`; its id.

    It reads its input, which is open as long as this process lives, and ends with that.
    """
    body = waiting_body(image, ["cat"], mounts, job, needs)
    body |= {"OpenStdin": True, "StdinOnce": True, "AttachStdin": True}
    body["Env"] += ["QUOTING_STYLE=literal"]
    with removed_afterwards(docker, body) as container, input_of(docker, container):
        docker.start(container)
        yield container


def start_waiting_helper(docker: Docker, image: str, seconds: int, job: str) -> str:
    """A helper that mounts nothing and ends after so many seconds, whatever becomes of us; its id.

    It is asked things meanwhile with `said_in`.
    """
    body = waiting_body(image, ["sleep", str(seconds)], [], job, [])
    container = docker.create_from_body(body)
    try:
        docker.start(container)
    except BaseException:
        remove_helper(docker, container)
        raise
    return container


def waiting_body(
    image: str, command: list[str], mounts: Iterable[dict[str, Any]], job: str, needs: list[str]
) -> dict[str, Any]:
    """The create body of both."""
    body = running_body(image, command, mounts, job)
    body["Healthcheck"] = {"Test": ["NONE"]}
    body["HostConfig"] |= {
        "AutoRemove": True,
        "ReadonlyRootfs": True,
        "CapDrop": ["ALL"],
        "CapAdd": needs,
        "SecurityOpt": ["no-new-privileges"],
        "LogConfig": {"Type": "none"},
    }
    return body


def said_in(docker: Docker, container: str, command: list[str]) -> str | None:
    """What one command, an argument list, prints in a started helper; None where it fails."""
    call = docker.exec_create(container, command)["Id"]
    said = docker.exec_start(call).decode(errors="backslashreplace")
    return said if docker.exec_inspect(call)["ExitCode"] == 0 else None

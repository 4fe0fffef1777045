"""Helper containers: how data gets into and out of volumes without touching their containers.

A helper is made from an empty image and never started: the Engine's archive calls work on it all
the same, and nothing has to be pulled. (The running container itself is never put under the
archive calls: while the Engine streams it, its inspect, exec, stop and even unpause hang.)
"""

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from django.conf import settings
from docker.errors import APIError, ImageNotFound, NotFound

from containermonkey.problems import Problem
from engine import identity
from engine.client import STREAM_TIMEOUT, Docker
from engine.errors import translated
from engine.identity import JOB_LABEL
from engine.streams import stat_path
from engine.tar import END_OF_TAR

logger = logging.getLogger(__name__)

EMPTY_IMAGE = "container-monkey-empty:1"

CONFLICT = 409

LAST_LINES = 10_000
"""Lines of a helper's output that are looked at: about as many as its log of 1 MiB holds."""


def ensure_empty_image(docker: Docker) -> str:
    """The empty image that helpers are made from; imported from an empty tar when missing."""
    try:
        docker.inspect_image(EMPTY_IMAGE)
    except ImageNotFound:
        repository, tag = EMPTY_IMAGE.split(":")
        told = docker.import_image_from_data(END_OF_TAR, repository=repository, tag=tag)
        # Docker has named it by now. Podman takes no tag there, but tells the id as well.
        docker.tag(json.loads(told.splitlines()[-1])["status"], repository, tag)
    return EMPTY_IMAGE


def helper_image(docker: Docker) -> str | None:
    """An image on the host from which a helper can be started: our own, or the one configured."""
    own_id = identity.candidate_id()
    if own_id:
        for container in docker.list_containers(filters={"id": [own_id]}):
            return container["ImageID"]
    image = docker.find_image(settings.HELPER_IMAGE) if settings.HELPER_IMAGE else None
    return image["Id"] if image else None


def helper_body(image: str, mounts: Iterable[dict[str, Any]], job: str) -> dict[str, Any]:
    """The create body of a helper: no network, no restart, the job's label, only these mounts."""
    return {
        "Image": image,
        "Cmd": ["-"],
        "Labels": {JOB_LABEL: job},
        "NetworkDisabled": True,
        "HostConfig": {
            "NetworkMode": "none",
            "Mounts": list(mounts),
            "LogConfig": {"Type": "none"},
        },
    }


def helper(
    docker: Docker, mounts: Iterable[dict[str, Any]], job: str
) -> AbstractContextManager[str]:
    """A helper container with these mounts (in the form of `HostConfig.Mounts`); its id."""
    return removed_afterwards(docker, helper_body(ensure_empty_image(docker), mounts, job))


@contextmanager
def removed_afterwards(docker: Docker, body: dict[str, Any]) -> Iterator[str]:
    """A container made from this body, which goes away with the block; its id.

    What went wrong inside is what comes out, also where the container cannot be removed then, as
    when the Engine is gone: it is removed with the job's undo, or when the next worker starts.
    """
    container = docker.create_from_body(body)
    try:
        yield container
    except BaseException:
        try:
            with translated(docker.url):
                remove_helper(docker, container)
        except Problem as problem:
            logger.warning("The helper container %s is left for later: %s", container[:12], problem)
        raise
    remove_helper(docker, container)


def make_folder(docker: Docker, path: str, job: str) -> None:
    """Have a folder of the Docker host; the Engine makes it, owned by root, if it is missing."""
    body = helper_body(ensure_empty_image(docker), [], job)
    body["HostConfig"]["Binds"] = [f"{path}:/folder"]
    with removed_afterwards(docker, body) as container:
        stat_path(docker, container, "/folder")


def running_body(
    image: str, command: list[str], mounts: Iterable[dict[str, Any]], job: str
) -> dict[str, Any]:
    """The create body of a helper that is started: root, with one command, whose output is kept."""
    body = helper_body(image, mounts, job)
    body |= {"Entrypoint": command[:1], "Cmd": command[1:], "User": "0:0", "Env": ["LC_ALL=C"]}
    body["HostConfig"]["LogConfig"] = {"Type": "json-file", "Config": {"max-size": "1m"}}
    return body


def run_helper(
    docker: Docker, image: str, command: list[str], mounts: Iterable[dict[str, Any]], job: str
) -> tuple[int, str]:
    """Run one command, an argument list, in a helper; its exit status and what it printed."""
    body = running_body(image, command, mounts, job)
    with removed_afterwards(docker, body) as container:
        docker.start(container)
        return end_of(docker, container)


TAR_NEEDS = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "MKNOD", "SETFCAP", "SYS_ADMIN"]
"""What the kernel asks of who sets owners, makes devices, and reads and writes `trusted.*`."""


@contextmanager
def running_helper(
    docker: Docker, image: str, command: list[str], mounts: Iterable[dict[str, Any]], job: str
) -> Iterator[str]:
    """A started helper that moves files with one command, an argument list; its id."""
    body = running_body(image, command, mounts, job)
    body["HostConfig"] |= {"CapDrop": ["ALL"], "CapAdd": TAR_NEEDS}
    with removed_afterwards(docker, body) as container:
        docker.start(container)
        yield container


def serves_somebody(row: dict[str, Any]) -> bool:
    """Whether a helper of the Engine's list has somebody for certain, however old it is.

    One that waits at files is gone with whoever holds its input: a download may last for hours.
    """
    return row["State"] == "running" and identity.is_at_files(row["Labels"])


def is_running(docker: Docker, container: str) -> bool:
    """Whether a helper is still at work."""
    return bool(docker.inspect_container(container)["State"]["Running"])


def end_of(docker: Docker, container: str) -> tuple[int, str]:
    """Wait for a helper's end; its exit status and the last lines it printed."""
    status = docker.wait(container, timeout=STREAM_TIMEOUT)["StatusCode"]
    return status, docker.logs(container, tail=LAST_LINES).decode(errors="backslashreplace")


def remove_helper(docker: Docker, container: str) -> None:
    """Remove a helper and nothing that it was given to mount; returns when it is gone.

    With it goes an anonymous volume that its image declares, as an image of ours may.
    """
    try:
        docker.remove_container(container, force=True, v=True)
    except NotFound:
        return
    except APIError as error:
        if error.status_code != CONFLICT:
            raise
        # It is being removed already, by somebody who was quicker.
        with suppress(NotFound):
            docker.wait(container, condition="removed")


def helpers_on(docker: Docker, job: str | None = None) -> list[dict[str, Any]]:
    """The helpers of one job, or of all, as the Engine's list has them."""
    label = f"{JOB_LABEL}={job}" if job else JOB_LABEL
    return docker.list_containers(filters={"label": [label]})


def remove_helpers(docker: Docker, job: str | None = None) -> list[str]:
    """Remove the helpers of one job, or of all; their names."""
    left_over = helpers_on(docker, job)
    for container in left_over:
        remove_helper(docker, container["Id"])
    return [name.removeprefix("/") for container in left_over for name in container["Names"] or []]

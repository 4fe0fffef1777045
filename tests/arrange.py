"""Arranging what a test needs on the private Engine, and clearing it away."""

import secrets
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from docker import APIClient
from docker.errors import APIError, NotFound

from engine.helpers import EMPTY_IMAGE
from tests.images import BUSYBOX, ensure_busybox
from tests.waiting import wait_for

JOB_LABEL = "containermonkey.job"
# What Engines up to 24 call an image without a name; later ones give no name.
UNTAGGED = "<none>:<none>"
STUBBORN = ["sh", "-c", "trap '' TERM; while :; do sleep 0.2; done"]
"""What does not end when it is told to."""

BUILT_IN_NETWORKS = {"bridge", "host", "none"}
IN_USE = {403, 409}
"""What the Engine answers to who removes what something else has, or removes just now."""


class ContainerMaker:
    """Makes containers of the busybox image for one test."""

    def __init__(self, docker: APIClient) -> None:
        self.docker = docker

    def __call__(
        self,
        name: str | None = None,
        *,
        image: str = BUSYBOX,
        command: Sequence[str] | str | None = None,
        start: bool = True,
        host: dict[str, Any] | None = None,
        networking: dict[str, Any] | None = None,
        **config: Any,
    ) -> str:
        """Make a container, start it unless told otherwise, and return its id.

        `host` are the arguments of docker-py's `create_host_config`, `networking` those of
        `create_networking_config`, everything else those of `create_container`.
        """
        if image == BUSYBOX:
            ensure_busybox(self.docker)
        made = self.docker.create_container(
            image,
            command,
            name=name or f"test-{secrets.token_hex(4)}",
            host_config=self.docker.create_host_config(**(host or {})),
            networking_config=networking and self.docker.create_networking_config(networking),
            **config,
        )
        if start:
            self.docker.start(made["Id"])
        return made["Id"]


def run_in(docker: APIClient, container: str, *command: str) -> str:
    """Run a command in a running container; return what it wrote. Fail where it fails."""
    call = docker.exec_create(container, list(command))
    output = docker.exec_start(call["Id"]).decode(errors="surrogateescape")
    code = docker.exec_inspect(call["Id"])["ExitCode"]
    assert code == 0, f"{command} ended with {code}: {output}"
    return output


def left_by_jobs(docker: APIClient) -> list[str]:
    """The names of containers and volumes that jobs made for themselves and did not remove."""
    return _made_by_jobs(docker.containers(all=True), docker.volumes()["Volumes"] or [])


def _made_by_jobs(containers: list[dict[str, Any]], volumes: list[dict[str, Any]]) -> list[str]:
    return [
        *(name_of(c) for c in containers if JOB_LABEL in c["Labels"]),
        *(v["Name"] for v in volumes if JOB_LABEL in (v["Labels"] or {})),
    ]


def name_of(container: dict[str, Any]) -> str:
    """A container's name; one that is just being removed may have none any more."""
    return (container["Names"] or [container["Id"]])[0].lstrip("/")


def left_for_good(docker: APIClient, patience: float) -> list[str]:
    """What jobs left, once that has had time to go which somebody is just about to remove.

    A page that a browser has left in the middle removes its helper a moment later.
    """
    with suppress(TimeoutError):
        wait_for(lambda: not left_by_jobs(docker), "helpers to go", patience)
    return left_by_jobs(docker)


def has_come(docker: APIClient, container: str, event: str, since: int) -> bool:
    """Whether something has happened to a container, as the Engine's events tell."""
    filters = {"container": container, "event": event}
    return bool(list(docker.events(since, int(time.time()) + 1, filters, decode=True)))


def clear(docker: APIClient, keep: Collection[str] = (), patience: float = 10) -> list[str]:
    """Remove every container, network, volume and image but the two that are made as needed.

    `keep` are the ids of further images that stay, `patience` the seconds for which what jobs made
    may still go by itself; what it returns are the names of what they had left.
    """
    left = left_by_jobs(docker) and left_for_good(docker, patience)
    for container in docker.containers(all=True):
        _remove(docker.remove_container, container["Id"], force=True, v=True)
    for network in docker.networks():
        if network["Name"] not in BUILT_IN_NETWORKS:
            _remove(docker.remove_network, network["Id"])
    for volume in docker.volumes()["Volumes"] or []:
        _remove(docker.remove_volume, volume["Name"], force=True)
    for image in (each for each in docker.images() if each["Id"] not in keep):
        for tag in image["RepoTags"] or [UNTAGGED]:
            if tag not in (BUSYBOX, EMPTY_IMAGE):
                name = image["Id"] if tag == UNTAGGED else tag
                _remove(docker.remove_image, name, force=True)
    return left


def _remove(remove: Callable[..., Any], name: str, **options: bool) -> None:
    """Remove something; what the Engine is just about to remove, or to let go of, is waited for."""
    wait_for(partial(_is_gone, remove, name, options), f"{name} to be let go of")


def _is_gone(remove: Callable[..., Any], name: str, options: dict[str, bool]) -> bool:
    try:
        remove(name, **options)
    except NotFound:
        return True
    except APIError as error:
        if error.status_code not in IN_USE:
            raise
        return False
    return True

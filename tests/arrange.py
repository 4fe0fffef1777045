"""Arranging what a test needs on the private Engine, and clearing it away."""

import secrets
import time
from collections.abc import Sequence
from typing import Any

from docker import APIClient
from docker.errors import NotFound

from tests.images import BUSYBOX, ensure_busybox

JOB_LABEL = "containermonkey.job"
# What Engines up to 24 call an image without a name; later ones give no name.
UNTAGGED = "<none>:<none>"
STUBBORN = ["sh", "-c", "trap '' TERM; while :; do sleep 0.2; done"]
"""What does not end when it is told to."""

BUILT_IN_NETWORKS = {"bridge", "host", "none"}


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
    filters = {"label": JOB_LABEL}
    containers = docker.containers(all=True, filters=filters)
    volumes = docker.volumes(filters=filters)["Volumes"] or []
    return [*(c["Names"][0].lstrip("/") for c in containers), *(v["Name"] for v in volumes)]


def has_come(docker: APIClient, container: str, event: str, since: int) -> bool:
    """Whether something has happened to a container, as the Engine's events tell."""
    filters = {"container": container, "event": event}
    return bool(list(docker.events(since, int(time.time()) + 1, filters, decode=True)))


def clear(docker: APIClient) -> None:
    """Remove every container, network, volume and image but the one that all tests share."""
    for container in docker.containers(all=True):
        _unless_gone(docker.remove_container, container["Id"], force=True, v=True)
    for network in docker.networks():
        if network["Name"] not in BUILT_IN_NETWORKS:
            _unless_gone(docker.remove_network, network["Id"])
    for volume in docker.volumes()["Volumes"] or []:
        _unless_gone(docker.remove_volume, volume["Name"], force=True)
    for image in docker.images():
        for tag in image["RepoTags"] or [UNTAGGED]:
            if tag != BUSYBOX:
                name = image["Id"] if tag == UNTAGGED else tag
                _unless_gone(docker.remove_image, name, force=True)


def _unless_gone(remove: Any, *arguments: Any, **options: Any) -> None:
    try:
        remove(*arguments, **options)
    except NotFound:
        return

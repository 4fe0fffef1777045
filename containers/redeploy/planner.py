"""Makes the plan of a redeploy: everything that it would meet is looked at, nothing is touched."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from containermonkey.problems import NotAllowed
from containers.endpoints import networks_of
from containers.labels import COMPOSE_PROJECT, SWARM_TASK
from containers.mapping import name_in
from containers.neighbours import Neighbours, linked_by, used_by
from containers.obstacles import Obstacle
from containers.queries import anonymous_volumes
from containers.redeploy.plan import RedeployPlan
from engine import Docker
from engine.identity import is_ours
from images.services import tag_of

IMAGE_ID = re.compile(r"(sha256:)?[0-9a-f]+", re.ASCII)
"""What may be an image's id or the beginning of one; it may also be a name."""

WHOLE_ID = 64


def plan_redeploy(docker: Docker, inspect: dict[str, Any], *, pull: bool) -> RedeployPlan:
    """The plan for an inspected container. Raise NotAllowed for ourselves.

    Costs one inspect of every container of the host, because nothing else tells who shares IPC
    or PID with it.
    """
    if is_ours(inspect["Id"], inspect["Config"]["Labels"]):
        raise NotAllowed(f"{name_in(inspect)} is Container Monkey itself, or works for it.")
    image = str(inspect["Config"]["Image"])
    local_image, neighbours = docker.find_image(image), Neighbours(docker)
    sharing = neighbours.depending_on(inspect)
    conflicts = [
        *in_the_way_of(inspect),
        *in_the_way_of_the_image(image, local_image, pull=pull),
        *in_the_way_of_sharing(inspect, sharing),
        *missing(docker, inspect, neighbours),
    ]
    return RedeployPlan(
        inspect=inspect,
        image=image,
        pull=pull,
        local_image=local_image,
        sharing=sharing,
        notes=[*notes_on(inspect), *unknown_defaults(docker, inspect)],
        keeps=list(kept_by(inspect)),
        conflicts=conflicts,
        host_name=docker.info()["Name"],
    )


def in_the_way_of(inspect: Mapping[str, Any]) -> Iterator[Obstacle]:
    """What the container itself is that cannot be redeployed."""
    name, status = name_in(inspect), inspect["State"]["Status"]
    if SWARM_TASK in (inspect["Config"]["Labels"] or {}):
        message = (
            f"{name} is a task of a swarm service, which makes its containers by itself; update "
            "the service instead."
        )
        yield Obstacle("swarm", name, message)
    if status in ("removing", "dead"):
        yield Obstacle("container", name, f"{name} is being removed.")


def in_the_way_of_the_image(
    image: str, local_image: Mapping[str, Any] | None, *, pull: bool
) -> Iterator[Obstacle]:
    """Why the image cannot be had in the way that was chosen."""
    if is_an_id(image, local_image):
        if pull:
            message = (
                f"It was made from an image without a name ({image[:19]}), so there is nothing "
                "to pull and nothing can be newer. It can be made again without pulling."
            )
            yield Obstacle("image", image, message, "pull" if local_image else "")
        elif local_image is None:
            yield Obstacle("image", image, f"The image {image[:19]} is not on this host any more.")
    elif local_image is None and not pull:
        message = f"The image {image} is not on this host. It can be redeployed with pulling."
        yield Obstacle("image", image, message, "pull")
    elif "@" in image and pull and local_image:
        message = (
            f"Its image is pinned by a digest ({image}), so nothing can be newer. It can be made "
            "again without pulling."
        )
        yield Obstacle("image", image, message, "pull")


def is_an_id(image: str, local_image: Mapping[str, Any] | None) -> bool:
    """Whether a container was made from an image's id, or the beginning of one, and not by name."""
    if not IMAGE_ID.fullmatch(image):
        return False
    if local_image is None:
        return len(image.removeprefix("sha256:")) == WHOLE_ID
    return tag_of(image) not in (local_image.get("RepoTags") or [])


def in_the_way_of_sharing(
    inspect: Mapping[str, Any], sharing: list[dict[str, Any]]
) -> Iterator[Obstacle]:
    """Why those that depend on the container cannot be made again."""
    name = name_in(inspect)
    for other in sharing:
        other_name = name_in(other)
        labels = other["Config"]["Labels"] or {}
        if is_ours(other["Id"], labels):
            message = f"Container Monkey itself depends on {name} and would be cut off."
            yield Obstacle("container", other_name, message)
        elif SWARM_TASK in labels:
            message = f"{other_name} depends on it and is a task of a swarm service."
            yield Obstacle("swarm", other_name, message)
        elif other["State"]["Running"] and not inspect["State"]["Running"]:
            message = (
                f"{other_name} depends on {name} and still runs while {name} does not; it could "
                f"not be started again. Start {name}, or stop {other_name}."
            )
            yield Obstacle("container", other_name, message)


def missing(
    docker: Docker, inspect: Mapping[str, Any], neighbours: Neighbours
) -> Iterator[Obstacle]:
    """The networks and containers that it was made with and that are gone."""
    networks = {network["Name"] for network in docker.networks()}
    for network in networks_of(inspect):
        if network not in networks:
            yield Obstacle("network", network, f"The network {network} does not exist any more.")
    for reference in sorted(used_by(inspect) | linked_by(inspect)):
        if neighbours.named(reference) is None:
            message = (
                f"It depends on the container {reference[:80]}, which does not exist any more."
            )
            yield Obstacle("container", reference, message)


def notes_on(inspect: Mapping[str, Any]) -> Iterator[str]:
    """What somebody should know who redeploys this container."""
    project = (inspect["Config"]["Labels"] or {}).get(COMPOSE_PROJECT)
    if project:
        yield (
            f"It belongs to the compose project {project}. Compose finds it again, and may make "
            "it once more from its file at the next “docker compose up”."
        )
    if inspect["HostConfig"].get("AutoRemove"):
        yield (
            "It is removed when it stops (--rm). A stand-in holds its volumes meanwhile, and would "
            "come back in its place; what it wrote elsewhere is lost."
        )


def unknown_defaults(docker: Docker, inspect: Mapping[str, Any]) -> Iterator[str]:
    """A sentence where it cannot be known what the old image gave."""
    if docker.find_image(inspect["Image"]) is None:
        yield (
            "The image that it runs from is not on the host any more, so what came from it cannot "
            "be told apart: it keeps all its variables, labels and so on as they are."
        )


def kept_by(inspect: Mapping[str, Any]) -> Iterator[str]:
    """What the new container has again, each as a line's worth."""
    anonymous = anonymous_volumes(inspect)
    for mount in inspect.get("Mounts") or []:
        where = mount["Destination"]
        if mount.get("Name") in anonymous:
            yield f"The anonymous volume at {where}"
        elif mount["Type"] == "volume":
            yield f"The volume {mount.get('Name')} at {where}"
        elif mount["Type"] == "bind":
            yield f"The folder {mount['Source']} of the host at {where}"
    for port, bindings in (inspect["HostConfig"].get("PortBindings") or {}).items():
        for binding in bindings or []:
            yield f"The port {binding.get('HostPort') or 'that Docker chooses'} for {port}"
    for network, settings in networks_of(inspect).items():
        addresses = settings.get("IPAMConfig") or {}
        fixed = addresses.get("IPv4Address") or addresses.get("IPv6Address")
        yield f"The network {network}{f' with its address {fixed}' if fixed else ''}"

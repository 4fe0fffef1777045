"""Makes the plan of a deployment: what it would meet is looked at, nothing is touched."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from containermonkey.problems import NotAllowed
from containers.labels import COMPOSE_PROJECT, COMPOSE_SERVICE, SWARM_STACK
from containers.mapping import name_of
from containers.obstacles import Obstacle
from engine import Docker
from engine.identity import is_ours
from images.services import tag_of
from stacks.deploy.host import ourselves_in, own_data_in, reaches
from stacks.deploy.plan import DeployPlan, Part, PlannedService
from stacks.deploy.understood import HostPort, Understood, Wanted, number_of, ports_of
from volumes.protected import OwnData

Row = dict[str, Any]


def plan_deploy(
    docker: Docker, wanted: Understood, *, is_known: bool, remove_orphans: bool, notes: list[str]
) -> DeployPlan:
    """The plan for a file. `is_known` says whether the stack was deployed from here before.

    Raise NotAllowed for a stack that Container Monkey itself belongs to. Six calls of the Engine,
    and one for each image of the file that it does not list under its name.
    """
    rows = docker.list_containers()
    own = [row for row in rows if label_of(row, COMPOSE_PROJECT) == wanted.project]
    if any(is_ours(row["Id"], row["Labels"]) for row in own):
        raise NotAllowed(f"Container Monkey itself belongs to the stack {wanted.project}.")
    orphans = [row for row in own if label_of(row, COMPOSE_SERVICE) not in wanted.services]
    going = {row["Id"] for row in own} - (set() if remove_orphans else ids_of(orphans))
    staying = [row for row in rows if row["Id"] not in going]
    volumes = parts(wanted.volumes, {row["Name"] for row in docker.volumes()["Volumes"] or []})
    networks = parts(wanted.networks, {row["Name"] for row in docker.networks()})
    return DeployPlan(
        name=wanted.project,
        is_new=not own,
        services=services(docker, wanted, {label_of(row, COMPOSE_SERVICE) for row in own}),
        volumes=volumes,
        networks=networks,
        ports=[str(port) for service in wanted.services.values() for port in ports_of(service)],
        orphans=[name_of(row) for row in orphans],
        remove_orphans=remove_orphans,
        notes=[*notes, *reaches(wanted), *without_profile(wanted)],
        conflicts=[
            *other_stack(wanted.project, rows, own, is_known=is_known),
            *taken_ports(wanted, staying),
            *taken_names(wanted, own, staying),
            *own_data_in(wanted, OwnData.of(docker)),
            *ourselves_in(wanted, rows),
            *missing("network", networks),
            *missing("volume", volumes),
        ],
    )


def label_of(row: Row, label: str) -> str | None:
    return (row["Labels"] or {}).get(label)


def ids_of(rows: list[Row]) -> set[str]:
    return {row["Id"] for row in rows}


def parts(wanted: list[Wanted], there: set[str]) -> list[Part]:
    return [Part(each.name, each.name in there, each.external) for each in wanted]


def services(docker: Docker, wanted: Understood, there: set[str | None]) -> list[PlannedService]:
    tags = {tag for image in docker.images() for tag in image.get("RepoTags") or []}
    found = []
    for name, service in wanted.services.items():
        image = str(service.get("image") or "")
        is_here = bool(image) and (tag_of(image) in tags or docker.find_image(image) is not None)
        found.append(PlannedService(name, image, is_here, number_of(service), name not in there))
    return found


def without_profile(wanted: Understood) -> Iterator[str]:
    for name in wanted.compose.get("services") or {}:
        if name not in wanted.services:
            yield f"{name} has a profile and is not started."


def other_stack(
    project: str, rows: list[Row], own: list[Row], *, is_known: bool
) -> Iterator[Obstacle]:
    """A stack that others made is not taken over."""
    if any(label_of(row, SWARM_STACK) == project for row in rows):
        yield Obstacle("stack", project, f"{project} is a stack of the swarm.")
    elif own and not is_known:
        message = (
            f"There is a stack named {project} that was not deployed from here. Take another "
            "name, or delete it first; its volumes can stay."
        )
        yield Obstacle("stack", project, message)


def taken_ports(wanted: Understood, staying: list[Row]) -> Iterator[Obstacle]:
    """Ports that something else on the host has, or that two services of the file want."""
    held: defaultdict[int, list[tuple[HostPort, str]]] = defaultdict(list)
    for row in staying:
        for found in row["Ports"] or []:
            if number := found.get("PublicPort"):
                port = HostPort(found.get("IP") or "", number, found["Type"])
                held[number].append((port, name_of(row)))
    for name, service in wanted.services.items():
        for port in ports_of(service):
            holders = [holder for other, holder in held[port.number] if port.meets(other)]
            if holders:
                message = f"The port {port.number} that {name} takes is that of {holders[0]}."
                yield Obstacle("port", str(port), message)
            held[port.number].append((port, name))


def taken_names(wanted: Understood, own: list[Row], staying: list[Row]) -> Iterator[Obstacle]:
    names = {name_of(row): row for row in [*own, *staying]}
    for service, described in wanted.services.items():
        name = str(described.get("container_name") or "")
        holder = names.get(name)
        if holder is None or (holder in own and label_of(holder, COMPOSE_SERVICE) == service):
            continue
        yield Obstacle("container", name, f"There is already a container named {name}.")


def missing(kind: str, found: list[Part]) -> Iterator[Obstacle]:
    """What the file says is there and is not."""
    for part in found:
        if part.external and not part.exists:
            message = f"The {kind} {part.name} is said to be there already, and is not."
            yield Obstacle(kind, part.name, message)

"""Who speaks in the log of a stack: its containers, each for a service that has a colour."""

from dataclasses import dataclass
from typing import Any

from backups.sets.members import belongs_to, members_of_stack
from containermonkey.problems import Conflict, Invalid, NotFound
from containers import labels
from containers.mapping import name_in
from engine import engine
from stacks.acts import stack_here

MOST = 40
"""Containers of a stack whose logs are read together."""

COLOURS = (4, 2, 5, 6, 3, 12, 10, 13, 14, 11)
"""Those of a terminal's sixteen that are told apart, and from the red of errors."""


def shortened(container: str) -> str:
    """The id of a container, as much of it as tells it from others."""
    return container[:12]


@dataclass(frozen=True)
class Speaker:
    """A container of a stack; `colour` is the class of its service's name."""

    inspect: dict[str, Any]
    service: str
    colour: str

    @property
    def id(self) -> str:
        return str(self.inspect["Id"])

    @property
    def short_id(self) -> str:
        return shortened(self.id)

    @property
    def name(self) -> str:
        return name_in(self.inspect)


@dataclass(frozen=True)
class Speakers:
    """Those that are asked for, and the names of all services that there are."""

    stack: str
    chosen: list[Speaker]
    services: list[str]


def speakers_of(stack: str, service: str = "") -> Speakers:
    """The containers of a stack, or of one of its services; none of a stack that has none now.

    Raise NotFound if the host has nothing of it, Invalid for a service that it has not, and
    Conflict for more containers than can be read together.
    """
    name = stack_here(stack).name
    inspects = inspects_of(name)
    services = sorted({service_of(inspect) for inspect in inspects}, key=str.casefold)
    if service and service not in services:
        reason = "is none of the stack’s, or has no container now"
        raise Invalid(f"The service {reason}.", fields={"service": reason})
    chosen = [
        Speaker(inspect, each, colour_of(services.index(each)))
        for inspect in inspects
        if (each := service_of(inspect)) == (service or each)
    ]
    if len(chosen) > MOST:
        raise Conflict(f"{name} has more than {MOST} containers. Choose one service.")
    return Speakers(name, chosen, services)


def ids_of(stack: str) -> set[str]:
    """The ids of the containers that a stack has now; one call of the Engine."""
    with engine() as docker:
        return {row["Id"] for row in docker.list_containers() if belongs_to(row, stack)}


def inspects_of(stack: str) -> list[dict[str, Any]]:
    try:
        with engine() as docker:
            return members_of_stack(docker, stack).inspects
    except NotFound:
        return []


def service_of(inspect: dict[str, Any]) -> str:
    return labels.service_of(inspect["Config"]["Labels"] or {}) or name_in(inspect)


def colour_of(place: int) -> str:
    return f"f{COLOURS[place % len(COLOURS)]}"

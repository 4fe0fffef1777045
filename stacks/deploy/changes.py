"""What of a stack is on the host, and what a deployment has made of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from containers.labels import COMPOSE_PROJECT
from containers.mapping import name_of
from engine import Docker
from stacks.deleting import belongings_of


@dataclass(frozen=True)
class State:
    """The containers of a compose project by name, with their ids, and what belongs to it."""

    containers: dict[str, str]
    networks: list[str]
    volumes: list[str]


def state_of(docker: Docker, project: str) -> State:
    found = belongings_of(docker, project)
    rows = rows_of(docker, project)
    return State({name_of(row): row["Id"] for row in rows}, found.networks, found.volumes)


def rows_of(docker: Docker, project: str) -> list[dict[str, Any]]:
    return docker.list_containers(filters={"label": [f"{COMPOSE_PROJECT}={project}"]})


def changes(before: State, after: State) -> Iterator[str]:
    """Everything that is otherwise than it was, and what is not, as sentences."""
    for name, container in sorted(after.containers.items()):
        if name not in before.containers:
            yield f"{name} was made."
        elif before.containers[name] != container:
            yield f"{name} was made again."
        else:
            yield f"{name} is the same as before."
    for name in sorted(before.containers.keys() - after.containers.keys()):
        yield f"{name} was removed."
    for kind, old, new in (
        ("network", before.networks, after.networks),
        ("volume", before.volumes, after.volumes),
    ):
        yield from (f"The {kind} {name} was made." for name in new if name not in old)
        yield from (f"The {kind} {name} was removed." for name in old if name not in new)

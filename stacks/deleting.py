"""Deleting a stack: what goes with it is said before, and told afterwards."""

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from containers import services as containers
from containers.labels import STACK_LABELS, SWARM_STACK
from engine import Docker, engine
from networks.deleting import delete_network
from stacks import swarm
from stacks.acts import ActOnStack, Result, acting_on, stack_here
from stacks.services import list_stacks
from stacks.types import Stack
from volumes.deleting import delete_volume

Row = dict[str, Any]

LONGEST_END = 30.0
"""Seconds for which the end of a swarm's tasks is waited for; a task has ten by default."""

LOOK_EVERY = 0.3


@dataclass(frozen=True)
class Belongings:
    """What a stack has beside its containers or services, by name."""

    networks: list[str]
    volumes: list[str]


def what_goes(name: str) -> tuple[Stack, Belongings]:
    """A stack and what belongs to it. Raise NotFound if the host has none of it."""
    stack = stack_here(name)
    with engine() as docker:
        return stack, belongings_of(docker, stack.name)


def what_all_goes(names: list[str]) -> list[tuple[Stack, Belongings]]:
    """The same of several, with as many calls of the Engine as for one; without those not here."""
    here = {stack.name: stack for stack in list_stacks()}
    with engine() as docker:
        networks, volumes = docker.networks(), docker.volumes()["Volumes"] or []
    return [
        (here[name], among(networks, volumes, name))
        for name in dict.fromkeys(names)
        if name in here
    ]


def belongings_of(docker: Docker, name: str) -> Belongings:
    """The networks and volumes that carry the stack's label; what others made is not its own."""
    return among(docker.networks(), docker.volumes()["Volumes"] or [], name)


def among(networks: list[Row], volumes: list[Row], name: str) -> Belongings:
    return Belongings(
        sorted(row["Name"] for row in networks if is_of(row["Labels"], name)),
        sorted(row["Name"] for row in volumes if is_of(row["Labels"], name)),
    )


def is_of(labels: dict[str, str] | None, stack: str) -> bool:
    return any((labels or {}).get(label) == stack for label in STACK_LABELS)


def delete_stack(name: str, *, volumes: bool = False) -> list[Result]:
    """Delete the containers or services of a stack, running or not, and its networks.

    `volumes` says whether those that carry its label go too; the others never do. What could not
    be deleted has its result, and what needs it stays. Raise NotFound if there is none of it.
    """
    with acting_on(name, "delete") as act:
        found = belongings_of(act.docker, act.stack.name)
        if act.stack.kind == "swarm":
            delete_services(act)
        else:
            delete = partial(containers.delete_container, force=True)
            act.on_containers(act.levels()[::-1], delete)
        act.on_each("network", found.networks, delete_network)
        if volumes:
            act.on_each("volume", found.volumes, delete_volume)
    return act.results


def delete_services(act: ActOnStack) -> None:
    """Delete what a swarm has of a stack, and wait until its tasks have let go of the rest."""
    docker = act.docker
    act.on_services(lambda docker, service: docker.remove_service(service["ID"]))
    for kind, reference, called in [*swarm.secrets_and_configs_of(docker, act.stack.name)]:
        remove = docker.remove_secret if kind == "secret" else docker.remove_config
        act.on_one(kind, called, partial(remove, reference))
    wait_for_the_end_of_tasks(act.stack.name)


def wait_for_the_end_of_tasks(name: str) -> None:
    """The swarm ends tasks in its own time; until then their networks and volumes are in use."""
    until = time.monotonic() + LONGEST_END
    while has_containers(name) and time.monotonic() < until:
        time.sleep(LOOK_EVERY)


def has_containers(name: str) -> bool:
    """Whether a container of the stack is still there, whatever its state."""
    with engine() as docker:
        rows = docker.list_containers(filters={"label": [f"{SWARM_STACK}={name}"]})
    return bool(rows)

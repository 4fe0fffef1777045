"""What may be done to a stack as one: start, stop and restart it, in the order of dependence."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from accounts.audit import audited
from backups.sets.members import members_of_stack
from containermonkey.problems import Conflict, NotFound, Problem
from containers import services as containers
from engine import Docker, engine
from engine.names import shortened
from stacks import swarm
from stacks.services import find_stack
from stacks.types import Stack


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an act on one part of a stack; `error` is a sentence, None where it went well.

    `kind` is container, service, network, volume, secret or config.
    """

    kind: str
    name: str
    success: bool
    error: str | None = None


def start_stack(name: str) -> list[Result]:
    """Start all containers of a stack, each after those that it needs; all services of a swarm's.

    Raise NotFound where the host has none of it. One that fails stops no other.
    """
    with acting_on(name, "start") as (docker, stack):
        if stack.kind == "swarm":
            return on_services(docker, stack, swarm.start)
        return on_containers(members_of_stack(docker, stack.name).names, containers.start_container)


def stop_stack(name: str, timeout: int | None = None) -> list[Result]:
    """Stop all containers of a stack, each before those that it needs; as `stop_container` does."""
    with acting_on(name, "stop") as (docker, stack):
        if stack.kind == "swarm":
            return on_services(docker, stack, swarm.stop)
        found = members_of_stack(docker, stack.name).names[::-1]
        return on_containers(found, lambda one: containers.stop_container(one, timeout))


def restart_stack(name: str, timeout: int | None = None) -> list[Result]:
    """Stop a stack and start it. What could not be stopped is not started anew."""
    with acting_on(name, "restart") as (docker, stack):
        if stack.kind == "swarm":
            return on_services(docker, stack, swarm.restart)
        members = members_of_stack(docker, stack.name).names
        stopped = on_containers(members[::-1], lambda one: containers.stop_container(one, timeout))
        failed = [result for result in stopped if not result.success]
        down = [one for one in members if one not in {result.name for result in failed}]
        return [*failed, *on_containers(down, containers.start_container)]


@contextmanager
def acting_on(name: str, verb: str) -> Iterator[tuple[Docker, Stack]]:
    """The Engine and a stack that is on it; leaves an audit line beside those of its parts."""
    stack = stack_here(name)
    with audited(f"stack.{verb}", stack.name), engine() as docker:
        yield docker, stack


def stack_here(name: str) -> Stack:
    """A stack of the host. Raise NotFound where it has none of it."""
    stack = find_stack(name)
    if not stack.is_here:
        raise NotFound(f"Nothing of the stack {shortened(name)} is on this host.")
    return stack


def on_containers(names: list[str], act: Callable[[str], object]) -> list[Result]:
    """Do it to one container after the other."""
    return [result_of("container", name, partial(act, name)) for name in names]


def on_services(
    docker: Docker, stack: Stack, act: Callable[[Docker, swarm.Service], None]
) -> list[Result]:
    """Do it to every service of a swarm's stack."""
    services = swarm.deployed_services().get(stack.name, [])
    if not services:
        raise Conflict(
            f"Only a manager of the swarm can change {stack.name}, and none answers here."
        )
    return [
        result_of("service", swarm.name_of(service), partial(act, docker, service))
        for service in services
    ]


def result_of(kind: str, name: str, act: Callable[[], object]) -> Result:
    """Do it; what went wrong becomes the result's sentence."""
    try:
        with engine():  # an answer of the Engine's becomes a Problem
            act()
    except Problem as problem:
        return Result(kind, name, success=False, error=str(problem))
    return Result(kind, name, success=True)

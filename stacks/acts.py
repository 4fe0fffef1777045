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
    with acting_on(name, "start") as act:
        if act.stack.kind == "swarm":
            act.on_services(swarm.start)
        else:
            act.on_containers(act.members(), containers.start_container)
    return act.results


def stop_stack(name: str, timeout: int | None = None) -> list[Result]:
    """Stop all containers of a stack, each before those that it needs; as `stop_container` does."""
    with acting_on(name, "stop") as act:
        if act.stack.kind == "swarm":
            act.on_services(swarm.stop)
        else:
            act.on_containers(
                act.members()[::-1], partial(containers.stop_container, timeout=timeout)
            )
    return act.results


def restart_stack(name: str, timeout: int | None = None) -> list[Result]:
    """Stop a stack and start it. What could not be stopped is not started anew."""
    with acting_on(name, "restart") as act:
        if act.stack.kind == "swarm":
            act.on_services(swarm.restart)
        else:
            members = act.members()
            act.on_containers(members[::-1], partial(containers.stop_container, timeout=timeout))
            act.results = act.failed
            failed = {result.name for result in act.failed}
            down = [member for member in members if member not in failed]
            act.on_containers(down, containers.start_container)
    return act.results


class ActOnStack:
    """One act on all parts of a stack, and what came of it for each of them."""

    def __init__(self, docker: Docker, stack: Stack) -> None:
        self.docker, self.stack = docker, stack
        self.results: list[Result] = []

    @property
    def failed(self) -> list[Result]:
        return [result for result in self.results if not result.success]

    def members(self) -> list[str]:
        """The stack's containers by name, each after those that it needs."""
        return members_of_stack(self.docker, self.stack.name).names

    def on_each(self, kind: str, names: list[str], act: Callable[[str], object]) -> None:
        """Do it to one after the other, by name; one that fails stops no other."""
        for name in names:
            self.on_one(kind, name, partial(act, name))

    def on_containers(self, names: list[str], act: Callable[[str], object]) -> None:
        self.on_each("container", names, act)

    def on_services(self, act: Callable[[Docker, swarm.Service], None]) -> None:
        """Do it to every service. Raise Conflict where none is known: a manager knows them."""
        services = swarm.deployed_services().get(self.stack.name, [])
        if not services:
            raise Conflict(
                f"Only a manager of the swarm can change {self.stack.name}, and none answers here."
            )
        for service in services:
            self.on_one("service", swarm.name_of(service), partial(act, self.docker, service))

    def on_one(self, kind: str, name: str, act: Callable[[], object]) -> None:
        """Do it; what went wrong becomes the result's sentence."""
        try:
            with engine():  # an answer of the Engine's becomes a Problem
                act()
        except Problem as problem:
            self.results.append(Result(kind, name, success=False, error=str(problem)))
        else:
            self.results.append(Result(kind, name, success=True))


@contextmanager
def acting_on(name: str, verb: str) -> Iterator[ActOnStack]:
    """An act on a stack of the host; leaves an audit line that names what failed."""
    stack = stack_here(name)
    with audited(f"stack.{verb}", stack.name) as details, engine() as docker:
        act = ActOnStack(docker, stack)
        yield act
        if act.failed:
            details["failed"] = [f"{result.name}: {result.error}" for result in act.failed]


def stack_here(name: str) -> Stack:
    """A stack of the host. Raise NotFound where it has none of it."""
    stack = find_stack(name)
    if not stack.is_here:
        raise NotFound(f"Nothing of the stack {shortened(name)} is on this host.")
    return stack

"""What may be done to a stack as one: start, stop and restart it, in the order of dependence."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from accounts.audit import audited
from backups.sets.members import members_of_stack
from containermonkey.problems import NotFound, Problem
from containermonkey.threads import side_by_side
from containers import services as containers
from engine import Docker, engine
from engine.names import shortened
from stacks import swarm
from stacks.levels import levels_of
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
            act.on_containers(act.levels(), containers.start_container)
    return act.results


def stop_stack(name: str, timeout: int | None = None) -> list[Result]:
    """Stop all containers of a stack, each before those that it needs; as `stop_container` does."""
    with acting_on(name, "stop") as act:
        if act.stack.kind == "swarm":
            act.on_services(swarm.stop)
        else:
            act.on_containers(
                act.levels()[::-1], partial(containers.stop_container, timeout=timeout)
            )
    return act.results


def restart_stack(name: str, timeout: int | None = None) -> list[Result]:
    """Stop a stack and start it. What could not be stopped is not started anew."""
    with acting_on(name, "restart") as act:
        if act.stack.kind == "swarm":
            act.on_services(swarm.restart)
        else:
            levels = act.levels()
            act.on_containers(levels[::-1], partial(containers.stop_container, timeout=timeout))
            act.results = act.failed
            failed = {result.name for result in act.failed}
            down = [[name for name in level if name not in failed] for level in levels]
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

    def levels(self) -> list[list[str]]:
        """The stack's containers by name, in levels: each needs only what is in those before."""
        return levels_of(members_of_stack(self.docker, self.stack.name).inspects)

    def on_each(self, kind: str, names: list[str], act: Callable[[str], object]) -> None:
        """Do it to one after the other, by name; one that fails stops no other."""
        for name in names:
            self.on_one(kind, name, partial(act, name))

    def on_containers(self, levels: list[list[str]], act: Callable[[str], object]) -> None:
        """Do it level by level; those of a level are acted on side by side."""
        for level in levels:
            self.results += side_by_side(
                lambda name: result_of("container", name, partial(act, name)), level
            )

    def on_services(self, act: Callable[[Docker, swarm.Service], None]) -> None:
        """Do it to every service but our own. Raise Conflict where none is known."""

        def unless_ourselves(service: swarm.Service) -> None:
            swarm.refuse_ourselves(self.docker, service)
            act(self.docker, service)

        for service in swarm.services_to_change(self.stack.name):
            name = swarm.name_of(service)
            self.on_one("service", name, partial(unless_ourselves, service))

    def on_one(self, kind: str, name: str, act: Callable[[], object]) -> None:
        self.results.append(result_of(kind, name, act))


def result_of(kind: str, name: str, act: Callable[[], object]) -> Result:
    """Do it; what went wrong becomes the result's sentence."""
    try:
        with engine():  # an answer of the Engine's becomes a Problem
            act()
    except Problem as problem:
        return Result(kind, name, success=False, error=str(problem))
    return Result(kind, name, success=True)


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

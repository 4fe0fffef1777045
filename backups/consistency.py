"""Keeping a container still while its data is read."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from backups.errors import CannotBackUp
from backups.sources import Source
from containermonkey.problems import Conflict, NotFound, Problem
from containers.acts import (
    container_if_there,
    container_named,
    pause_container,
    start_after_stop,
    stop_container,
    unpause_container,
)
from containers.labels import (
    COMPOSE_DEPENDS_ON,
    COMPOSE_PROJECT,
    COMPOSE_SERVICE,
    SWARM_TASK,
)
from containers.neighbours import Neighbours, depends
from containers.queries import ALIVE
from engine import Docker, identity
from jobs.registry import undo_action
from jobs.running import RunningJob
from volumes.protected import within

LET_GO = "backups.let_go"

TORN = "So what was saved may not be of one moment."

INSTEAD = "Choose the consistency “pause” or “none” instead."


@dataclass(frozen=True)
class Member:
    """A running container that is kept still together with others."""

    id: str
    name: str
    inspect: dict[str, Any]

    @classmethod
    def of(cls, inspect: dict[str, Any]) -> "Member":
        return cls(inspect["Id"], inspect["Name"].removeprefix("/"), inspect)

    @property
    def restarting(self) -> bool:
        return bool(self.inspect["State"]["Restarting"])


def members_of(
    docker: Docker,
    inspects: Collection[dict[str, Any]],
    sources: Iterable[Source],
    consistency: str,
) -> list[Member]:
    """Who is to be kept still: these containers and all that write to the same places.

    In order of dependence, each after what it needs. Raise CannotBackUp where one of them can be
    stopped but would not be the same afterwards.
    """
    if consistency == "none":
        return []
    members = sharing_containers(docker, inspects, sources)
    if consistency == "stop":
        members = with_dependents(docker, members)
    for member in members:
        if consistency == "stop" or member.restarting:
            refuse_lost_by_stopping(member)
    return in_dependence_order(members)


@contextmanager
def held_still(
    running: RunningJob, members: Collection[Member], consistency: str, warn: Callable[[str], None]
) -> Iterator[None]:
    """Pause or stop containers, each before what it needs, while the block lasts.

    Each is let go again however the block ends, also after the process was killed: how to do
    that is in the job's undo before anything is paused or stopped. `warn` is told of those that
    somebody let go before, as an Engine does that restarts.
    """
    with ExitStack() as held:
        for member in reversed(list(members)):
            hold = pause if consistency == "pause" else stop
            held.enter_context(hold(running, member))
        yield
        for member in members:
            if is_at_work(member):
                warn(f"{member.name} was let go by somebody else while the data was read. {TORN}")


@contextmanager
def pause(running: RunningJob, member: Member) -> Iterator[None]:
    """Freeze a container's processes; nothing to do where it is paused or has ended by now.

    One that is between two starts has no processes to freeze, and would begin in the middle of
    the reading: it is stopped instead.
    """
    state = state_now(member)
    if state.get("Restarting"):
        with stop(running, member):
            yield
        return
    if not state.get("Running") or state["Paused"]:
        yield
        return
    running.step(f"Pausing {member.name}")
    with running.undo.afterwards(LET_GO, container_id=member.id, name=member.name, act="unpause"):
        if could_pause(member, state["StartedAt"]):
            yield
            running.step(f"Letting {member.name} go on")
        else:
            with stop(running, member):
                yield


def could_pause(member: Member, began: str) -> bool:
    """Pause a container that ran a moment ago; False where it has ended since.

    One that starts over and over may have begun anew by now: then it did not start at `began`.
    """
    try:
        pause_container(member.id)
    except (Conflict, NotFound):
        state = state_now(member)
        if state.get("Running") and not state["Restarting"] and state["StartedAt"] == began:
            raise
        return False
    return True


@contextmanager
def stop(running: RunningJob, member: Member) -> Iterator[None]:
    """Stop a container, with its own stop signal and timeout, and start it again.

    One that has ended by itself since it was looked at is not started.
    """
    state = state_now(member)
    if not state.get("Running"):
        yield
        return
    running.step(f"Stopping {member.name}")
    act = "start_paused" if state["Paused"] else "start"
    with running.undo.afterwards(LET_GO, container_id=member.id, name=member.name, act=act):
        stop_container(member.id)
        yield
        running.step(f"Starting {member.name} again")


def state_now(member: Member) -> dict[str, Any]:
    """A container's state at this moment; nothing where it is gone."""
    inspect = container_if_there(member.id)
    return inspect["State"] if inspect else {}


def is_at_work(member: Member) -> bool:
    """Whether a container's processes run at this moment."""
    state = state_now(member)
    return bool(state.get("Running")) and not state["Paused"]


@undo_action(LET_GO, holds_still=True)
def let_go(container_id: str, name: str, act: str) -> None:
    """Have a container run again that was stopped or paused while its data was read.

    By its name where it was recreated meanwhile; nothing is left to do where it was removed.
    """
    found = container_if_there(container_id) or container_named(name)
    if found is None:
        return
    try:
        if act == "unpause":
            unpause_container(found["Id"])
        else:
            start_after_stop(found["Id"])
        if act == "start_paused":
            pause_container(found["Id"])
    except Problem as problem:
        # What is not found may be the container, but also its network: no reason to be silent.
        if isinstance(problem, NotFound) and container_if_there(found["Id"]) is None:
            return
        verb = "go on" if act == "unpause" else "be started again"
        raise type(problem)(f"The container {name} could not {verb}. {problem}") from problem


def refuse_lost_by_stopping(member: Member) -> None:
    """Raise CannotBackUp for a container that would be gone, or replaced, after its stop."""
    if member.inspect["HostConfig"].get("AutoRemove"):
        raise CannotBackUp(f"{member.name} removes itself when it stops (--rm). {INSTEAD}")
    if SWARM_TASK in (member.inspect["Config"].get("Labels") or {}):
        raise CannotBackUp(
            f"{member.name} is a task of a swarm service, which starts another one as soon as "
            f"this one stops. {INSTEAD}"
        )


def sharing_containers(
    docker: Docker, inspects: Collection[dict[str, Any]], sources: Iterable[Source]
) -> list[Member]:
    """These containers, as far as they run, and all other running ones that use the same places.

    This program's own containers are never among them.
    """
    sources, known = list(sources), {inspect["Id"]: inspect for inspect in inspects}
    members = []
    for row in docker.list_containers(filters={"status": list(ALIVE)}):
        if row["Id"] in known:
            members.append(Member.of(known[row["Id"]]))
        elif uses_any(row, sources) and not identity.is_ours(row["Id"], row["Labels"]):
            other = container_if_there(row["Id"])
            members += [Member.of(other)] if other else []
    return members


def uses_any(row: dict[str, Any], sources: list[Source]) -> bool:
    """Whether a container, as the Engine lists it, mounts one of these volumes or folders."""
    return any(overlap(mount, source) for mount in row.get("Mounts") or [] for source in sources)


def overlap(mount: dict[str, Any], source: Source) -> bool:
    """Whether a mount shows what a source holds; a folder also shows what is below it."""
    if mount["Type"] != source.type:
        return False
    if source.type == "volume":
        return mount.get("Name") == source.name
    return within(mount["Source"], source.name) or within(source.name, mount["Source"])


def with_dependents(docker: Docker, members: list[Member]) -> list[Member]:
    """The members and all running containers that use their network, IPC or PID.

    Those lose it with the stop of the other and do not find it again. Raise CannotBackUp where
    this program is one of them.
    """
    found = {member.id: member for member in members}
    left, neighbours = list(members), Neighbours(docker)
    while left:
        member = left.pop()
        for inspect in neighbours.sharing_with(member.inspect):
            if not inspect["State"]["Running"] or inspect["Id"] in found:
                continue
            if identity.is_ours(inspect["Id"], inspect["Config"].get("Labels")):
                raise CannotBackUp(
                    f"Container Monkey itself uses the network of {member.name} and would be cut "
                    f"off by stopping it. {INSTEAD}"
                )
            found[inspect["Id"]] = Member.of(inspect)
            left.append(found[inspect["Id"]])
    return list(found.values())


def in_dependence_order(members: list[Member]) -> list[Member]:
    """Each after what it depends on, as compose's labels and shared network modes tell."""
    ordered: list[Member] = []
    visiting: set[str] = set()

    def place(member: Member) -> None:
        if member in ordered or member.id in visiting:
            return
        visiting.add(member.id)
        for other in members:
            if other is not member and depends_on(member, other):
                place(other)
        ordered.append(member)

    for member in members:
        place(member)
    return ordered


def depends_on(member: Member, other: Member) -> bool:
    """Whether `member` needs `other` to run first."""
    if depends(member.inspect, other.inspect):
        return True
    labels = member.inspect["Config"].get("Labels") or {}
    other_labels = other.inspect["Config"].get("Labels") or {}
    service = other_labels.get(COMPOSE_SERVICE)
    same_project = labels.get(COMPOSE_PROJECT) == other_labels.get(COMPOSE_PROJECT)
    # Written by compose as `db:service_started:false,cache:service_healthy:true`.
    needed = {item.split(":")[0] for item in labels.get(COMPOSE_DEPENDS_ON, "").split(",")}
    return bool(service) and same_project and service in needed

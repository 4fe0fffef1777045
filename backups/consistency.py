"""Keeping a container still while its data is read."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from backups.errors import CannotBackUp
from backups.sources import Source
from containers.acts import pause_container, stop_container
from engine import Docker, identity
from jobs.running import RunningJob

COMPOSE_PROJECT = "com.docker.compose.project"
COMPOSE_SERVICE = "com.docker.compose.service"
COMPOSE_DEPENDS_ON = "com.docker.compose.depends_on"

LET_GO = "backups.let_go"
"""The undo of both: see `backups.handlers`."""


@dataclass(frozen=True)
class Member:
    """A running container that is kept still together with others."""

    id: str
    name: str
    inspect: dict[str, Any]


@contextmanager
def held_still(
    running: RunningJob,
    docker: Docker,
    inspect: dict[str, Any],
    sources: Iterable[Source],
    consistency: str,
) -> Iterator[list[str]]:
    """Pause or stop a container and all that write to the same volumes; their names.

    Each is let go again however the block ends, also after the process was killed: how to do
    that is in the job's undo before anything is paused or stopped.
    """
    if consistency == "none":
        yield []
        return
    members = in_dependence_order(sharing_containers(docker, inspect, sources))
    hold = pause if consistency == "pause" else stop
    with ExitStack() as held:
        for member in reversed(members):
            running.step(f"{'Pausing' if hold is pause else 'Stopping'} {member.name}")
            held.enter_context(hold(running, member))
        yield [member.name for member in members]
        verb = "going on" if hold is pause else "being started again"
        running.log(f"Everything is read; {len(members)} container(s) {verb}")


@contextmanager
def pause(running: RunningJob, member: Member) -> Iterator[None]:
    """Freeze a container's processes; nothing to do where somebody has paused it already."""
    if member.inspect["State"]["Paused"]:
        yield
        return
    with running.undo.afterwards(LET_GO, container_id=member.id, name=member.name, act="unpause"):
        pause_container(member.id)
        yield


@contextmanager
def stop(running: RunningJob, member: Member) -> Iterator[None]:
    """Stop a container, with its own stop signal and timeout, and start it again."""
    if member.inspect["HostConfig"].get("AutoRemove"):
        raise CannotBackUp(
            f"{member.name} removes itself when it stops (--rm). "
            "Back it up with the consistency “pause” or “none” instead."
        )
    paused = member.inspect["State"]["Paused"]
    act = "start_paused" if paused else "start"
    with running.undo.afterwards(LET_GO, container_id=member.id, name=member.name, act=act):
        stop_container(member.id)
        yield


def sharing_containers(
    docker: Docker, inspect: dict[str, Any], sources: Iterable[Source]
) -> list[Member]:
    """The container itself, if it runs, and every other running one that has one of its mounts.

    This program's own containers are never among them.
    """
    names = {(source.type, source.name) for source in sources}
    members = []
    for container in docker.list_containers(
        filters={"status": ["running", "paused", "restarting"]}
    ):
        mounts = {
            (mount["Type"], mount.get("Name") or mount.get("Source"))
            for mount in container.get("Mounts") or []
        }
        itself = container["Id"] == inspect["Id"]
        if itself or (
            names & mounts and not identity.is_ours(container["Id"], container["Labels"])
        ):
            whole = inspect if itself else docker.inspect_container(container["Id"])
            members.append(Member(container["Id"], whole["Name"].removeprefix("/"), whole))
    return members


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
    mode = member.inspect["HostConfig"].get("NetworkMode", "")
    if mode in (f"container:{other.id}", f"container:{other.name}"):
        return True
    labels = member.inspect["Config"].get("Labels") or {}
    other_labels = other.inspect["Config"].get("Labels") or {}
    service = other_labels.get(COMPOSE_SERVICE)
    same_project = labels.get(COMPOSE_PROJECT) == other_labels.get(COMPOSE_PROJECT)
    # Written by compose as `db:service_started:false,cache:service_healthy:true`.
    needed = {item.split(":")[0] for item in labels.get(COMPOSE_DEPENDS_ON, "").split(",")}
    return bool(service) and same_project and service in needed

"""What jobs made for themselves and left behind: found, judged, removed.

A job removes what it made, and its undo does where it cannot. What is found here was left by a
process that was killed, an Engine that was away, or a database that was brought back from a copy.
"""

import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.audit import audited
from containermonkey.problems import EngineUnreachable, NotFound, Problem
from engine import Docker, engine
from engine.helpers import remove_helper, serves_somebody
from engine.identity import JOB_LABEL
from engine.times import moment
from jobs.models import Job
from jobs.worker import LONGEST_PLAN, is_uuid

CONTAINER, NETWORK, VOLUME = "container", "network", "volume"

BY_LABEL = {"label": [JOB_LABEL]}

ELSEWHERE = (
    "made for a job that is not known here: of another installation on this Engine, or older than "
    "the database"
)


@dataclass(frozen=True)
class Thing:
    """A container, network or volume with the label of a job; `kept_because` says why it stays.

    `is_held` is True where somebody is at work with it for certain.
    """

    kind: str
    id: str
    name: str
    made: datetime | None
    is_held: bool = False
    job: Job | None = None
    kept_because: str = ""


@dataclass(frozen=True)
class Removed:
    """The names of what is gone, by its kind, and what could not be removed, with the reason."""

    removed: list[str] = field(default_factory=list)
    networks: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.removed) + len(self.networks) + len(self.volumes)


def made_for_jobs() -> list[Thing]:
    """Everything on the host that was made for a job, judged; three calls of the Engine."""
    with engine() as docker:
        return judged(found_on(docker))


def remove_left_behind() -> Removed:
    """Remove what belongs to no job any more; one that cannot be removed stops no other.

    Raise EngineUnreachable.
    """
    done = Removed()
    with audited("cleanup.left_behind", "what jobs left behind") as details, engine() as docker:
        into = {CONTAINER: done.removed, NETWORK: done.networks, VOLUME: done.volumes}
        for thing in judged(found_on(docker)):
            if thing.kept_because:
                continue
            try:
                remove(docker, thing)
            except NotFound:
                continue  # somebody was quicker
            except EngineUnreachable:
                raise
            except Problem as problem:
                done.failed.append(f"{thing.name}: {problem}")
            else:
                into[thing.kind].append(thing.name)
        details |= {"removed": [*done.removed, *done.networks, *done.volumes]}
        details |= {"failed": done.failed}
    return done


def remove(docker: Docker, thing: Thing) -> None:
    with engine():
        if thing.kind == CONTAINER:
            remove_helper(docker, thing.id)
        elif thing.kind == NETWORK:
            docker.remove_network(thing.id)
        else:
            docker.remove_volume(thing.id)


def found_on(docker: Docker) -> list[tuple[Thing, str]]:
    """What has the label of a job, with what the label says; containers first, which hold on."""
    containers = docker.list_containers(filters=BY_LABEL)
    networks = docker.networks(filters=BY_LABEL)
    volumes = docker.volumes(filters=BY_LABEL)["Volumes"] or []
    return [
        *((container_of(row), row["Labels"][JOB_LABEL]) for row in containers),
        *((network_of(row), row["Labels"][JOB_LABEL]) for row in networks),
        *((volume_of(row), row["Labels"][JOB_LABEL]) for row in volumes),
    ]


def container_of(row: dict[str, Any]) -> Thing:
    name = next(iter(row["Names"] or [row["Id"][:12]])).removeprefix("/")
    made = datetime.fromtimestamp(row["Created"]).astimezone()
    return Thing(CONTAINER, row["Id"], name, made, is_held=serves_somebody(row))


def network_of(row: dict[str, Any]) -> Thing:
    return Thing(NETWORK, row["Id"], row["Name"], moment(row.get("Created")))


def volume_of(row: dict[str, Any]) -> Thing:
    return Thing(VOLUME, row["Name"], row["Name"], moment(row.get("CreatedAt")))


def judged(found: list[tuple[Thing, str]]) -> list[Thing]:
    """What was found, each with its job and with why it stays, if it does.

    Jobs are looked at after the Engine was, so what one made meanwhile is in neither.
    """
    asked = {UUID(label) for _, label in found if is_uuid(label)}
    jobs = {job.progress_id: job for job in Job.objects.filter(progress_id__in=asked).defer("log")}
    return [
        replace(thing, job=job, kept_because=why_kept(thing, label, job))
        for thing, label in found
        for job in [jobs.get(UUID(label)) if is_uuid(label) else None]
    ]


def why_kept(thing: Thing, label: str, job: Job | None) -> str:
    """The reason for which something has to stay; nothing where it belongs to nobody."""
    if job is not None:
        if not job.ended:
            return "its job is not over"
        return "its job has yet to put something back" if job.undo else ""
    if is_uuid(label):
        return ELSEWHERE
    # A page makes these for moments, or for minutes to show a host from afar. An old one has
    # nobody, whoever made it.
    age = time.time() - thing.made.timestamp() if thing.made else 0.0
    return "" if age > LONGEST_PLAN and not thing.is_held else "a page is at work with it"

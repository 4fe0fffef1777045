"""How jobs are told about on pages."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any

from containermonkey import figures, looks
from jobs.models import ASKED_BY, Job


@dataclass(frozen=True)
class Place:
    """Where a job waits: its number, counted from 1, and the job that it waits for."""

    number: int
    behind: Job | None = None

    def __str__(self) -> str:
        place = "Next in the queue" if self.number == 1 else f"Number {self.number} in the queue"
        return f"{place}, after {title(self.behind)}" if self.behind else place


def title(job: Job) -> str:
    """What a job is called within a sentence: `the backup of web`."""
    return f"the {looks.of_kind(job.kind).word.lower()} of {job.subject}"


def places(jobs: Iterable[Job]) -> dict[int, Place]:
    """The places of those that wait, by their keys, from all that run or wait in their order."""
    found: dict[int, Place] = {}
    behind = None
    for job in jobs:
        if job.pending:
            found[job.pk] = Place(len(found) + 1, behind)
        behind = job
    return found


def told(job: Job, place: Place | None = None) -> Job:
    """A copy of the job with its place in the queue as its step."""
    shown = copy(job)
    if job.pending and place:
        shown.step = str(place)
    return shown


def in_queue(jobs: Iterable[Job]) -> list[Job]:
    """Jobs that run or wait, in their order, each with its place in the queue."""
    jobs = list(jobs)
    found = places(jobs)
    return [told(job, found.get(job.pk)) for job in jobs]


def facts(job: Job) -> list[tuple[str, Any]]:
    """The plain lines of a job's page; what is not known is left out."""
    began, ended = job.started_at, job.finished_at
    lines = [
        ("Backup", job.filename),
        ("Asked for by", asked_by(job)),
        ("Asked for", figures.moment(job.created_at)),
        ("Began", figures.moment(began) if began else ""),
        ("Ended", figures.moment(ended) if ended else ""),
        ("Took", figures.duration(job.took) if job.took else ""),
        ("Size of the archive", figures.size(job.result["size"]) if job.result.get("size") else ""),
    ]
    return [(name, value) for name, value in lines if value]


def asked_by(job: Job) -> str:
    """The user who asked for a job, or what asked for it by itself, as a schedule."""
    return job.requested_by.get_username() if job.requested_by else job.arguments.get(ASKED_BY, "")

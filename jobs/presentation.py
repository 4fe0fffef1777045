"""How jobs are told about on pages."""

from collections.abc import Iterable
from copy import copy
from typing import Any

from containermonkey import figures
from jobs.models import ASKED_BY, Job


def told(job: Job, position: int | None = None) -> Job:
    """A copy of the job with its place in the queue, counted from 1, as its step."""
    shown = copy(job)
    if job.pending and position:
        shown.step = "Next in the queue" if position == 1 else f"Number {position} in the queue"
    return shown


def in_queue(jobs: Iterable[Job]) -> list[Job]:
    """Jobs that run or wait, in their order, each with its place in the queue."""
    position = 0
    shown = []
    for job in jobs:
        position += job.pending
        shown.append(told(job, position))
    return shown


def facts(job: Job) -> list[tuple[str, Any]]:
    """The plain lines of a job's page; what is not known is left out."""
    began, ended = job.started_at, job.finished_at
    lines = [
        ("Asked for by", asked_by(job)),
        ("Asked for", figures.moment(job.created_at)),
        ("Began", figures.moment(began) if began else ""),
        ("Ended", figures.moment(ended) if ended else ""),
        ("Took", figures.duration(job.took) if job.took else ""),
        ("Size of the archive", figures.size(job.result["size"]) if job.result.get("size") else ""),
    ]
    return [(name, value) for name, value in lines if value]


def asked_by(job: Job) -> str:
    """The user who asked for a job, or what did by itself."""
    return job.requested_by.get_username() if job.requested_by else job.arguments.get(ASKED_BY, "")

"""What may be asked of the queue: put in, look, cancel."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.audit import audited, current_actor, record, require
from accounts.models import User as Account
from containermonkey.database import alone
from containermonkey.problems import Conflict, NotFound
from containermonkey.storable import storable
from jobs.lock import worker_holds_lock
from jobs.models import ACTIVE, APART, PENDING, UNFINISHED, Job, Status
from jobs.registry import again_of

User = AbstractBaseUser | AnonymousUser | None

LONGEST_SUBJECT = 255

one_at_a_time = threading.Lock()
"""Held from the look at the queue to the entry in it, between the threads of one process. Between
processes the database sees to it."""


@dataclass(frozen=True)
class Progress:
    """How far a job is. Sizes in bytes, `percent` from 0 to 100 or None while unknown."""

    progress_id: UUID
    kind: str
    container_name: str
    status: str
    percent: float | None
    step: str
    bytes_done: int
    bytes_total: int | None
    queue_position: int | None
    filename: str | None
    size: int | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class QueueStatus:
    queue_size: int
    running: Progress | None
    queued: list[Progress]


def enqueue(kind: str, subject: str, arguments: dict[str, Any], user: User = None) -> Job:
    """Put a piece of work at the end of the queue, for `user` or else whoever is acting."""
    known = user if isinstance(user, Account) else current_actor().user
    subject = storable(subject)[:LONGEST_SUBJECT]
    with audited(f"{kind}.request", subject) as details:
        job = Job.objects.create(
            kind=kind,
            subject=subject,
            arguments=arguments,
            requested_by=known,
            step="Waiting for its turn",
        )
        details["job"] = str(job.progress_id)
    return job


def enqueue_once(
    kind: str,
    subject: str,
    arguments: dict[str, Any],
    user: User = None,
    *,
    statuses: Iterable[str] = PENDING,
) -> Job:
    """Put a piece of work into the queue; the one that waits for just the same, if there is one.

    Whoever asks twice before it has begun wants it done once. `statuses` are those in which a job
    stands for a second one as well, unless it is being cancelled.
    """
    with one_at_a_time, transaction.atomic():
        alone("jobs.enqueue_once")
        same = Job.objects.filter(
            kind=kind,
            subject=storable(subject)[:LONGEST_SUBJECT],
            status__in=statuses,
            cancel_requested=False,
        )
        found = [job for job in same.order_by("pk") if job.arguments == arguments]
        return found[0] if found else enqueue(kind, subject, arguments, user)


def find_job(progress_id: UUID | str) -> Job:
    """The job with this progress id. Raise NotFound if there is none."""
    try:
        return Job.objects.get(progress_id=UUID(str(progress_id)))
    except (Job.DoesNotExist, ValueError):
        raise NotFound("There is no job with this id.") from None


def progress_of(job: Job, position: int | None = None) -> Progress:
    """The progress of a job; `position` spares the query where the caller has counted already."""
    if job.pending and position is None:
        position = Job.objects.filter(status__in=PENDING, pk__lt=job.pk).count() + 1
    interrupted = job.status == Status.INTERRUPTED
    return Progress(
        progress_id=job.progress_id,
        kind=job.kind,
        container_name=job.subject,
        status=Status.FAILED.value if interrupted else job.status,
        percent=job.percent,
        step=job.step,
        bytes_done=job.bytes_done,
        bytes_total=job.bytes_total,
        queue_position=position if job.pending else None,
        filename=job.result.get("filename"),
        size=job.result.get("size"),
        error=job.error or None,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def queue_status() -> QueueStatus:
    """What runs and what waits, in the order in which it will run."""
    running = Job.objects.filter(status__in=ACTIVE).first()
    queued = Job.objects.filter(status__in=PENDING).order_by("pk")
    waiting = [progress_of(job, position) for position, job in enumerate(queued, start=1)]
    return QueueStatus(len(waiting), progress_of(running) if running else None, waiting)


def current_jobs() -> QuerySet[Job]:
    """Jobs that run or wait, in the order in which they run."""
    return Job.objects.filter(status__in=UNFINISHED).order_by("pk")


def job_before(job: Job) -> Job | None:
    """The job that has to end before this one can begin."""
    return current_jobs().filter(pk__lt=job.pk).last() if job.pending else None


def active_job_for(subject: str) -> Job | None:
    """The job that works on this container now, if there is one.

    Not only the one that is about it: a backup also stops or pauses those that share its volumes,
    and their names stand in its undo until they run again; that of a stack names its members.
    What keeps to the archive works on none.
    """
    for job in Job.objects.filter(status__in=ACTIVE).exclude(kind__in=APART):
        touched = {entry["arguments"].get("name") for entry in job.undo}
        touched |= set(job.arguments.get("members", []))
        if subject == job.subject or subject in touched:
            return job
    return None


def volumes_in_work(*, waiting: bool = True) -> set[str]:
    """The names of the volumes that jobs are about, or have yet to put back or clean up.

    One that has ended and whose undo could not be carried out so far counts, and one that waits
    unless that is of no matter.
    """
    names: set[str] = set()
    statuses = UNFINISHED if waiting else ACTIVE
    unfinished = Job.objects.filter(Q(status__in=statuses) | ~Q(undo=[]))
    for job in unfinished.only("arguments", "undo"):
        places = [job.arguments, *(entry["arguments"] for entry in job.undo)]
        names |= {str(place["volume"]) for place in places if place.get("volume")}
        names |= {str(place["place"]["source"]) for place in places if place.get("place")}
        # Elsewhere a name is that of a container or a network.
        made = [each["arguments"] for each in job.undo if each["action"].startswith("volumes.")]
        names |= {str(place["name"]) for place in made if place.get("name")}
    return names


def cancel(progress_id: UUID | str) -> Job:
    """End a job: at once if it waits, else at its next step, with everything put back.

    Raise Conflict if it has ended already, or if it is past the point where it can be put back.
    """
    job = find_job(progress_id)
    require("job.cancel", job.subject)
    ended_at_once = Job.objects.filter(pk=job.pk, status__in=PENDING).update(
        status=Status.CANCELLED, step="Cancelled before it began", finished_at=timezone.now()
    )
    asked = ended_at_once or Job.objects.filter(
        pk=job.pk, status__in=ACTIVE, committed=False
    ).update(cancel_requested=True)
    job.refresh_from_db()
    if not asked and job.status != Status.CANCELLED:
        raise Conflict("The job is over and cannot be cancelled any more.")
    record(f"{job.kind}.cancel", job.subject, job=str(job.progress_id))
    return job


def run_again(progress_id: UUID | str, user: User = None) -> Job:
    """Ask once more for what an ended job was asked for; the new job.

    Everything is looked at anew, and may be refused as it would be for somebody who asks for the
    first time. Raise Conflict where the job goes on, or is of a kind that is not done again,
    and what `require` raises for who may not ask for it, or has to give a fresh code first.
    """
    job = find_job(progress_id)
    require("job.run_again", job.subject)
    again = again_of(job.kind, succeeded=job.status == Status.COMPLETE) if job.ended else None
    if again is None:
        raise Conflict("This job cannot be run again.")
    # Before anything is looked at: it may take another right, or a fresh code.
    require(job.request, job.subject)
    return again(job, user)


def worker_is_alive() -> bool:
    """Whether a worker process holds the queue."""
    return worker_holds_lock()

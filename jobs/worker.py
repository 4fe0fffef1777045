"""The worker: takes the jobs from the queue, first in, first out, one at a time."""

import errno
import logging
import time
from uuid import UUID

from django.db import close_old_connections
from django.utils import timezone

from accounts.audit import COMMAND_LINE, Actor, acting, record
from containermonkey.problems import Problem
from engine import Docker, engine
from engine.helpers import helpers_on, remove_helper
from engine.identity import JOB_LABEL
from jobs.models import ACTIVE, ASKED_BY, ENDED, PENDING, Job, Status
from jobs.registry import REMOVE_HELPERS, chores, handler_of
from jobs.running import Cancelled, Interrupted, RunningJob, ShutdownFlag
from jobs.text import storable
from jobs.undo import Undo

logger = logging.getLogger(__name__)

POLL_INTERVAL = 0.5
"""Seconds between two looks at an empty queue."""

LONGEST_PLAN = 3600.0
"""Seconds after which a helper container that belongs to no job has been left behind."""

SETTLE_INTERVAL = 5.0
"""Seconds between two tries to put back what could not be put back before."""

CHORE_INTERVAL = 10.0
"""Seconds between two looks at what falls due by itself."""


def work(shutdown: ShutdownFlag) -> None:
    """Run jobs until told to end. The caller holds the lock."""
    recover()
    next_settle = next_chores = 0.0
    while not shutdown.is_set:
        close_old_connections()
        if time.monotonic() >= next_settle:
            settle()
            next_settle = time.monotonic() + SETTLE_INTERVAL
        if time.monotonic() >= next_chores:
            do_chores()
            next_chores = time.monotonic() + CHORE_INTERVAL
        if not run_next(shutdown):
            time.sleep(POLL_INTERVAL)


def do_chores() -> None:
    """Have every app look at what it does by itself. What fails is tried again at the next look."""
    for chore in chores():
        try:
            chore()
        except Exception:
            logger.exception("The chore %s failed", chore.__qualname__)


def run_next(shutdown: ShutdownFlag | None = None) -> bool:
    """Do the next job, if there is one."""
    job = claim()
    if job is None:
        return False
    settle()  # what an earlier job left undone may concern the same container
    run(job, shutdown)
    return True


def claim() -> Job | None:
    """Take the job that has waited longest; the others now wait for it."""
    if not Job.objects.filter(status__in=PENDING).exists():
        return None  # an empty queue is looked at twice a second, and costs no write
    Job.objects.filter(status=Status.QUEUED).update(status=Status.WAITING)
    for job in Job.objects.filter(status__in=PENDING).order_by("pk"):
        now = timezone.now()
        taken = Job.objects.filter(pk=job.pk, status__in=PENDING).update(
            status=Status.STARTING, started_at=now
        )
        if taken:
            job.status, job.started_at = Status.STARTING, now
            return job
    return None


def run(job: Job, shutdown: ShutdownFlag | None = None) -> None:
    """Do one job, put back what it changed unless it got through, and say how it ended."""
    status, error = Status.COMPLETE, ""
    running = RunningJob(job, shutdown)
    try:
        running.undo.write(REMOVE_HELPERS, job=running.label)
        result = handler_of(job.kind)(running)
    except Cancelled:
        status, error = Status.CANCELLED, "Cancelled on request."
    except Interrupted:
        status, error = Status.INTERRUPTED, "The program was shut down in the middle of it."
    except Problem as problem:
        status, error = Status.FAILED, str(problem)
    except OSError as failure:
        logger.exception("Job %s failed", job.pk)
        status, error = Status.FAILED, sentence_of(failure)
    except Exception:
        logger.exception("Job %s failed", job.pk)
        status, error = Status.FAILED, "A defect in the program; see the server's log."
    else:
        job.result = job.result | result
    end(job, status, error)


def end(job: Job, status: Status, error: str) -> None:
    """Put back what is left to be put back, then write how the job ended."""
    if status is not Status.COMPLETE:
        # Only what has reached the database counts: a commit may have been rolled back.
        job.refresh_from_db(fields=["undo", "committed", "result"])
        job.step = "Putting everything back"
        job.save(update_fields=["step"])
    failures = Undo(job).unwind()
    if job.committed and status is not Status.COMPLETE:
        error, status = "", Status.COMPLETE
    if failures:
        yet = " yet" if job.undo else ""
        words = f"Not everything could be {what_undoing_is(job)}{yet}:"
        error = " ".join([error, words, *failures]).strip()
    job.status, job.error = status, storable(error)
    job.step = {Status.COMPLETE: "Complete", Status.CANCELLED: "Cancelled"}.get(status, "Failed")
    if status is Status.COMPLETE:
        job.percent = 100.0
    job.finished_at = timezone.now()
    job.log += f"{job.finished_at:%H:%M:%S} {job.step}{f': {job.error}' if error else ''}\n"
    # The bytes too: the last of them came after the last write of the progress.
    job.save(
        update_fields=[
            *["status", "error", "step", "percent", "finished_at", "log", "result"],
            *["bytes_done", "bytes_total"],
        ]
    )
    problem = "" if status is Status.COMPLETE else job.error or job.step
    with acting(lambda: actor_of(job)):
        record(job.kind, job.subject, problem=problem, job=str(job.progress_id))


def actor_of(job: Job) -> Actor:
    """Who answers for what a job does: the user who asked for it, or what asked by itself."""
    if job.requested_by:
        return Actor.of(job.requested_by)
    return Actor(username=job.arguments.get(ASKED_BY, COMMAND_LINE))


def recover() -> None:
    """Bring to an end what an earlier worker left in the middle.

    Whoever holds the lock is the only worker, so a job that is active now has nobody.
    """
    for job in Job.objects.filter(status__in=ACTIVE):
        logger.warning("Job %s was left in the middle; putting back what it changed", job.pk)
        end(job, Status.INTERRUPTED, "The worker ended in the middle of it.")
    try:
        with engine() as docker:
            remove_left_over_helpers(docker)
    except Problem as problem:
        logger.warning("Left-over helper containers were not looked for: %s", problem)


def remove_left_over_helpers(docker: Docker) -> None:
    """Remove the helper containers of our jobs, none of which is at work now.

    Those of another installation on the same Engine are not touched. A plan's helpers have no
    job: they live for moments, so an old one has nobody, whoever made it.
    """
    for container in helpers_on(docker):
        job, age = container["Labels"][JOB_LABEL], time.time() - container["Created"]
        is_ours = is_uuid(job) and Job.objects.filter(progress_id=job).exists()
        if is_ours or (not is_uuid(job) and age > LONGEST_PLAN):
            remove_helper(docker, container["Id"])


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def settle() -> None:
    """Try again to put back what could not be put back when its job ended."""
    for job in Job.objects.filter(status__in=ENDED).exclude(undo=[]):
        failures = Undo(job).unwind()
        if not job.undo:
            done = what_undoing_is(job)
            but = " ".join([", but for this:", *failures]) if failures else "."
            logger.info("Job %s: everything is %s now%s", job.pk, done, but)
            job.log += f"{timezone.now():%H:%M:%S} Everything has been {done} now{but}\n"
            job.error = f"{job.error} Everything has been {done} since then{but}".strip()
            job.save(update_fields=["log", "error"])


def what_undoing_is(job: Job) -> str:
    """What carrying out the undo of a job means for what is on the host."""
    return "cleaned up" if job.committed else "put back"


def sentence_of(failure: OSError) -> str:
    """A failure of the operating system, for people; without a path of the server."""
    if failure.errno == errno.ENOSPC:
        return "There is no space left on the disk that holds the backups."
    return f"The operating system refused: {failure.strerror or type(failure).__name__}."

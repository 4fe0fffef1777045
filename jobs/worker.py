"""The worker: takes the jobs from the queue, first in, first out, one at a time."""

import logging
import time
from copy import copy
from uuid import UUID

from django.db import close_old_connections
from django.utils import timezone

from accounts.audit import COMMAND_LINE, Actor, acting, record
from containermonkey.database import FAILURES
from containermonkey.problems import Problem
from containermonkey.storable import storable
from engine import Docker, engine
from engine.helpers import helpers_on, remove_helper, serves_somebody
from engine.identity import JOB_LABEL
from jobs import outages
from jobs.failures import sentence_of, sentence_of_fault
from jobs.models import ACTIVE, ASKED_BY, ENDED, PENDING, Job, Status
from jobs.outages import one_line, until_done
from jobs.registry import REMOVE_HELPERS, chores, handler_of
from jobs.running import Cancelled, Interrupted, RunningJob, ShutdownFlag
from jobs.undo import Undo, UndoInMemory

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
    rounds = Rounds(shutdown)
    while not shutdown.is_set:
        close_old_connections()
        if not rounds.next():
            time.sleep(POLL_INTERVAL)


class Rounds:
    """What the worker does again and again, also through an outage of the database."""

    def __init__(self, shutdown: ShutdownFlag) -> None:
        self.shutdown = shutdown
        self.recovered = self.is_away = False
        self.next_settle = self.next_chores = 0.0

    def next(self) -> bool:
        """Do what is due, and the next job. Tell whether there was one."""
        try:
            found = self._do_what_is_due()
        except FAILURES as error:
            if not outages.passes(error):
                raise
            if not self.is_away:
                logger.warning("The database is away, and is waited for: %s", one_line(error))
            # It may have gone in the middle of something that nobody brings to an end now.
            self.recovered, self.is_away = False, True
            return False
        if self.is_away:
            logger.warning("The database is back.")
            self.is_away = False
        return found

    def _do_what_is_due(self) -> bool:
        if not self.recovered:
            recover()
            self.recovered = True
        if time.monotonic() >= self.next_settle:
            settle()
            self.next_settle = time.monotonic() + SETTLE_INTERVAL
        if time.monotonic() >= self.next_chores:
            do_chores()
            self.next_chores = time.monotonic() + CHORE_INTERVAL
        return run_next(self.shutdown)


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
    except Exception as failure:
        logger.exception("Job %s failed", job.pk)
        status, error = Status.FAILED, sentence_of_fault(failure)
    else:
        job.result = job.result | result
    if status is not Status.COMPLETE and not running.undo.commit_tried:
        put_back_without_database(job, running.shutdown)
    end(job, status, error, running.shutdown)


def put_back_without_database(job: Job, shutdown: ShutdownFlag) -> None:
    """Where the database is away, put back now what the job changed, and wait for the database.

    Containers stand still because of it. What could not be put back is tried again later.
    """
    try:
        database_answers()
    except FAILURES as error:
        if not outages.passes(error):
            raise
        without = copy(job)
        UndoInMemory(without).unwind()
        left = Job.objects.filter(pk=job.pk, committed=False)
        until_done(lambda: left.update(undo=without.undo), lambda: not shutdown.is_set)


def database_answers() -> bool:
    """Ask the database for anything. Raise what it says instead."""
    return Job.objects.exists()


def end(job: Job, status: Status, error: str, shutdown: ShutdownFlag | None = None) -> None:
    """Put back what is left to be put back, then write how the job ended.

    A database that is away is waited for until `shutdown`; without that, not at all.
    """

    def may_wait() -> bool:
        return shutdown is not None and not shutdown.is_set

    if status is not Status.COMPLETE:
        # Only what has reached the database counts: a commit may have been rolled back.
        known = ["undo", "committed", "result"]
        until_done(lambda: job.refresh_from_db(fields=known), may_wait)
        job.step = "Putting everything back"
        job.save(update_fields=["step"])
    failures = Undo(job, may_wait).unwind()
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
    told = ["status", "error", "step", "percent", "finished_at", "log", "result"]
    told += ["bytes_done", "bytes_total"]
    until_done(lambda: job.save(update_fields=told), may_wait)
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
        is_old = not is_uuid(job) and age > LONGEST_PLAN
        if is_ours or (is_old and not serves_somebody(container)):
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

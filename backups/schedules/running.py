"""Running schedules: which are due, and what a run puts into the queue."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.audit import Actor, acting, current_actor, record
from accounts.rights import right_for
from backups.models import Backup, Schedule, ScheduleRun
from backups.models import Kind as BackupKind
from backups.schedules.coverage import Covered, covered_now
from backups.schedules.options import ScheduleOptions
from backups.schedules.timing import slots_after
from backups.services import queue_backup
from backups.verification import not_verified_since
from containermonkey.problems import Problem
from jobs.models import ASKED_BY, UNFINISHED, Job, Kind
from jobs.services import User, enqueue

logger = logging.getLogger(__name__)

KEPT_RUNS = 1000
"""Runs of a schedule that are remembered."""

KEEPS_ALL = "keeps_all"
"""On a backup whose schedule somebody ran who may delete none: no older one goes after it. At its
own times the schedule acts for those who gave it its rules."""

STILL_GOING = "The one of an earlier run has not ended yet; it was not asked for again."


@lru_cache(maxsize=256)
def warn_once(name: str, sentence: str) -> None:
    """Write into the log what a schedule waits for, and not again at each look."""
    logger.warning("The schedule %s waits: %s", name, sentence)


OnWaiting = Callable[[str, str], None]


def run_due(on_waiting: OnWaiting = warn_once) -> list[ScheduleRun]:
    """Run every schedule that is due, each once, however many times it was missed.

    One whose Engine does not answer stays due, and runs as soon as it does. `on_waiting` is told
    the name of each that could not be run, and why.
    """
    now = timezone.now()
    runs = []
    for schedule in due(now, on_waiting):
        try:
            run = run_slot(schedule, now)
        except Problem as problem:
            on_waiting(schedule.name, str(problem))
        else:
            runs += [run] if run else []
    return runs


def due(now: datetime, on_waiting: OnWaiting) -> list[Schedule]:
    """The schedules whose time has come. One query, unless the clock was set back.

    What was planned later than now was planned under another clock, and is planned anew: it would
    stand in a far future.
    """
    found = Schedule.objects.filter(enabled=True)
    for schedule in found.filter(planned_at__gt=now):
        try:
            plan(schedule, now)
        except Problem as problem:
            on_waiting(schedule.name, str(problem))
    return list(found.filter(next_run__lte=now))


def plan(schedule: Schedule, now: datetime) -> None:
    """Work out when a schedule falls due next, and keep it."""
    schedule.next_run, schedule.planned_at = next_run_of(schedule, now), now
    schedule.save(update_fields=["next_run", "planned_at"])


def next_run_of(schedule: Schedule, now: datetime) -> datetime | None:
    """The next time after `now` for which it has not run; None while it is switched off.

    It may have run for a later one where the clock was set back since.
    """
    if not schedule.enabled:
        return None
    had = set(schedule.runs.filter(slot__gt=now).values_list("slot", flat=True)) - {None}
    slots = slots_after(schedule.expression, schedule.time_zone, now)
    return next((slot for slot in slots if slot not in had), None)


def run_slot(schedule: Schedule, now: datetime) -> ScheduleRun | None:
    """Run a schedule for the time at which it is due; None if somebody else was quicker."""
    slot = schedule.next_run
    covered = covered_now(ScheduleOptions.of(schedule))
    following = next_run_of(schedule, now)
    with transaction.atomic():
        # The claim: whoever changes the row from what he saw has the run, the others have none.
        claimed = Schedule.objects.filter(pk=schedule.pk, enabled=True, next_run=slot).update(
            next_run=following, planned_at=now
        )
        if not claimed:
            return None
        run, is_new = ScheduleRun.objects.get_or_create(schedule=schedule, slot=slot)
        if is_new:
            with acting(lambda: Actor(username=who(schedule))):
                fill(run, covered)
    return run if is_new else None


def run_now(schedule: Schedule, user: User = None) -> ScheduleRun:
    """Run a schedule because somebody wants it; when it falls due by itself stays as it is."""
    covered = covered_now(ScheduleOptions.of(schedule))
    with transaction.atomic():
        run = ScheduleRun.objects.create(schedule=schedule)
        fill(run, covered, user)
    return run


def fill(run: ScheduleRun, covered: Covered, user: User = None) -> None:
    """Put what a run has to do into the queue, and write down what it was."""
    is_backup = run.schedule.task == Schedule.Task.BACKUP
    run.warnings = list(covered.missing)
    if not covered.containers:
        run.warnings.append("It covers no container at all: there was nothing to do.")
    run.entries = list((backups_of if is_backup else checks_of)(run.schedule, covered, user))
    run.save(update_fields=["entries", "warnings"])
    record("schedule.run", run.schedule.name, warnings=run.warnings)
    forgotten = run.schedule.runs.values_list("pk", flat=True)[KEPT_RUNS:]
    ScheduleRun.objects.filter(pk__in=list(forgotten)).delete()


def backups_of(schedule: Schedule, covered: Covered, user: User) -> Iterator[dict[str, Any]]:
    """Ask for a backup of each container; an entry for each."""
    going = unfinished(Kind.BACKUP).filter(arguments__schedule=schedule.pk)
    busy = set(going.values_list("subject", flat=True))
    options = ScheduleOptions.of(schedule).backup_options()
    marks = marks_of(schedule)
    if right_for("backup.prune") not in current_actor().rights:
        marks[KEEPS_ALL] = True
    for container in covered.containers:
        if container.name in busy:
            yield entry(container.name, note=STILL_GOING)
            continue
        job = queue_backup(container.id, container.name, options, user, **marks)
        yield entry(container.name, job)


def checks_of(schedule: Schedule, covered: Covered, user: User) -> Iterator[dict[str, Any]]:
    """Ask for the verification of those backups that the schedule is for; an entry for each."""
    busy = set(unfinished(Kind.VERIFY).values_list("arguments__filename", flat=True))
    for backup in to_verify(schedule, covered):
        if backup.filename in busy:
            yield entry(backup.container_name, note=STILL_GOING, filename=backup.filename)
            continue
        arguments = {"filename": backup.filename, **marks_of(schedule)}
        job = enqueue(Kind.VERIFY, backup.container_name, arguments, user)
        yield entry(backup.container_name, job, filename=backup.filename)


def to_verify(schedule: Schedule, covered: Covered) -> list[Backup]:
    """The backups to verify: not verified for so many days, or the newest of each container."""
    after = schedule.verify_after_days
    backups = Backup.objects.all() if after is None else not_verified_since(after)
    found = backups.filter(kind=BackupKind.CONTAINER, container_name__in=covered.names)
    ordered = found.order_by("container_name", "-created", "-pk").defer("metadata")
    if after is not None:
        return list(ordered)
    newest: dict[str, Backup] = {}
    for backup in ordered:
        newest.setdefault(backup.container_name, backup)
    return list(newest.values())


def unfinished(kind: str) -> QuerySet[Job]:
    return Job.objects.filter(kind=kind, status__in=UNFINISHED)


def entry(container: str, job: Job | None = None, note: str = "", **more: Any) -> dict[str, Any]:
    """What a run writes down of one container, or of one backup."""
    progress_id = str(job.progress_id) if job else None
    return {"container": container, "job": progress_id, "note": note, **more}


def marks_of(schedule: Schedule) -> dict[str, Any]:
    """What a job carries of the schedule that asked for it."""
    return {"schedule": schedule.pk, ASKED_BY: who(schedule)}


def who(schedule: Schedule) -> str:
    """What the audit trail calls a schedule."""
    return f"schedule {schedule.name}"

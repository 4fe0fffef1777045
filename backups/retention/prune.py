"""The job that deletes what retention does not keep."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.audit import Actor, acting, audited
from backups.models import Backup, Schedule
from backups.retention.plan import ContainerPlan, files_in_use, goes_now, plans_of, what_is_odd
from backups.retention.rules import Item
from backups.schedules.running import marks_of, unfinished, who
from containermonkey.problems import Conflict
from jobs.models import Job, Kind
from jobs.registry import undo_action
from jobs.running import RunningJob
from jobs.services import User, enqueue

FORGET_DELETED = "backups.forget_deleted"


def request_prune(schedule: Schedule, container: str, user: User = None) -> Job:
    """Put into the queue that a container's backups by this schedule are thinned out."""
    arguments = {"container": container, **marks_of(schedule)}
    return enqueue(Kind.PRUNE, container, arguments, user)


def prune_after(backup: Backup) -> Job | None:
    """Have older backups deleted after a new one was verified, if any would go."""
    schedule = backup.schedule
    if schedule is None or not goes_now(schedule, backup.container_name):
        return None
    waiting = unfinished(Kind.PRUNE).filter(
        arguments__schedule=schedule.pk, subject=backup.container_name
    )
    return waiting.first() or request_prune(schedule, backup.container_name)


def run_prune(running: RunningJob) -> dict[str, Any]:
    """Delete what the rules do not keep, one after the other, the oldest first.

    What goes is worked out anew: much may have changed while the job waited.
    """
    schedule = Schedule.objects.filter(pk=running.arguments["schedule"]).first()
    if schedule is None:
        raise Conflict("The schedule was deleted meanwhile; its backups stay.")
    running.step("Looking at what stays")
    running.start()
    deleted: list[str] = []
    for plan in plans_of(schedule, container=running.arguments["container"]):
        for item in reversed(plan.going):
            if item.filename in files_in_use():
                continue  # somebody began with it meanwhile; the next prune looks at it again
            running.step(f"Deleting {item.filename}")
            with acting(lambda: Actor(username=who(schedule))):
                delete(running, plan, item)
            deleted.append(item.filename)
    return {"deleted": deleted, "report": [f"Deleted {filename}" for filename in deleted]}


def delete(running: RunningJob, plan: ContainerPlan, item: Item) -> None:
    """Delete one archive and its record. Raise Conflict if the newest good one is not there now."""
    newest = plan.newest_good
    if newest is None or not is_still_good(newest):
        raise Conflict("The newest good backup is not there any more; nothing else is deleted.")
    with (
        audited("backup.prune", item.filename, kept=newest.filename),
        # The record goes last, and goes also where we are killed in between.
        running.undo.afterwards(FORGET_DELETED, filename=item.filename),
    ):
        (Path(settings.BACKUP_DIR) / item.filename).unlink(missing_ok=True)


def is_still_good(item: Item) -> bool:
    backup = Backup.objects.filter(filename=item.filename, verified=True).first()
    return backup is not None and not what_is_odd(backup)


@undo_action(FORGET_DELETED)
def forget_deleted(filename: str) -> None:
    """Remove the record of an archive whose file has been deleted; of no other."""
    if not os.path.lexists(Path(settings.BACKUP_DIR) / filename):
        Backup.objects.filter(filename=filename).delete()

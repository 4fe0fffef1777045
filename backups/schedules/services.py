"""What may be asked of schedules."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.audit import audited, current_actor, require
from accounts.models import User as Account
from backups.models import Schedule, ScheduleRun
from backups.retention.plan import ContainerPlan, plans_of
from backups.schedules import running
from backups.schedules.coverage import Covered, covered_now
from backups.schedules.options import ScheduleOptions, rules_of
from backups.schedules.timing import next_slots
from containermonkey.problems import Conflict, EngineUnreachable, NotFound
from jobs.services import User

CONSIDERED = ("expression", "time_zone", "enabled")
"""What decides when a schedule falls due next."""


@dataclass(frozen=True)
class Preview:
    """What a schedule would do: when, with which containers, and which backups would go now.

    `covered` is None, and `problem` says why, while the Engine does not answer.
    """

    next_runs: list[datetime]
    covered: Covered | None
    problem: str
    plans: list[ContainerPlan]


def find_schedule(key: int) -> Schedule:
    """The schedule of this id. Raise NotFound if there is none."""
    found = Schedule.objects.filter(pk=key).first()
    if found is None:
        raise NotFound("There is no such schedule.")
    return found


def schedule_named(name: str) -> Schedule:
    """The schedule of this name. Raise NotFound if there is none."""
    found = Schedule.objects.filter(name=name).first()
    if found is None:
        raise NotFound(f"There is no schedule named {name!r}.")
    return found


def list_schedules() -> list[Schedule]:
    """All schedules by their names."""
    return list(Schedule.objects.order_by("name"))


def create_schedule(options: ScheduleOptions, user: User = None) -> Schedule:
    """Make a schedule. Raise Invalid, Conflict where the name is taken, or NotAllowed where it
    would delete backups and whoever is acting may not."""
    options = options.checked()
    refuse_taken(options.name)
    refuse_deleting(options)
    with audited("schedule.create", options.name), whole(options.name):
        owner = user if isinstance(user, Account) else current_actor().user
        schedule = Schedule(**options.as_fields(), created_by=owner)
        now = timezone.now()
        schedule.save()
        running.plan(schedule, now)
    return schedule


def change_schedule(key: int, options: ScheduleOptions) -> Schedule:
    """Give a schedule other options. A run that is due already stays so unless its time changed."""
    schedule, options = find_schedule(key), options.checked()
    refuse_taken(options.name, but=key)
    refuse_deleting(options)
    with audited("schedule.change", options.name), whole(options.name):
        changed = {
            name: value
            for name, value in options.as_fields().items()
            if getattr(schedule, name) != value
        }
        for name, value in changed.items():
            setattr(schedule, name, value)
        schedule.save(update_fields=changed)
        if changed.keys() & set(CONSIDERED):
            running.plan(schedule, timezone.now())
    return schedule


@contextmanager
def whole(name: str) -> Iterator[None]:
    """Keep a change and when it has the schedule fall due together, or neither.

    Killed in between, a schedule would be on and never run. Raise Conflict where somebody was
    quicker with the name.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise taken(name) from None


def refuse_taken(name: str, but: int | None = None) -> None:
    """Raise Conflict where another schedule has the name."""
    if Schedule.objects.filter(~Q(pk=but), name=name).exists():
        raise taken(name)


def refuse_deleting(options: ScheduleOptions) -> None:
    """Raise NotAllowed for rules of retention of somebody who may delete no backups by hand."""
    if rules_of(options).any:
        require("backup.prune", options.name)


def taken(name: str) -> Conflict:
    return Conflict(
        f"There is a schedule named {name} already.", fields={"name": "is taken already"}
    )


def switch_schedule(key: int, enabled: bool) -> Schedule:
    """Switch a schedule on or off. What it would have done while it was off is not made up for."""
    schedule = find_schedule(key)
    if schedule.enabled != enabled:
        with audited("schedule.switch", schedule.name, on=enabled), whole(schedule.name):
            schedule.enabled = enabled
            schedule.save(update_fields=["enabled"])
            running.plan(schedule, timezone.now())
    return schedule


def delete_schedule(key: int) -> None:
    """Delete a schedule. The backups that it made stay, as if they had been made by hand."""
    schedule = find_schedule(key)
    with audited("schedule.delete", schedule.name):
        schedule.delete()


def run_schedule(key: int, user: User = None) -> ScheduleRun:
    """Run a schedule now, on or off. Raise EngineUnreachable where it cannot be known for what.

    No older backup is deleted after a run of somebody who may delete none.
    """
    schedule = find_schedule(key)
    require("schedule.run", schedule.name)
    return running.run_now(schedule, user)


def preview(options: ScheduleOptions, schedule: Schedule | None = None) -> Preview:
    """What a schedule with these options would do; of `schedule` with its backups.

    Raise Invalid if the options are.
    """
    options = options.checked()
    try:
        covered, problem = covered_now(options), ""
    except EngineUnreachable as unreachable:
        covered, problem = None, str(unreachable)
    return Preview(
        next_runs=next_slots(options.expression, options.time_zone, timezone.now()),
        covered=covered,
        problem=problem,
        plans=plans_of(schedule, options) if schedule else [],
    )

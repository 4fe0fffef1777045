"""What retention would delete now, worked out from the records and the disk. Deletes nothing."""

import stat
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone

from backups.models import Backup, Kind, Schedule
from backups.retention.alarm import open_alarms
from backups.retention.rules import Item, Verdict, counts, verdicts
from backups.schedules.options import ScheduleOptions, rules_of
from backups.services import names_being_downloaded
from backups.sets.queries import BackupSet, sets_of
from jobs.models import ENDED, UNFINISHED, Job, Status
from jobs.models import Kind as JobKind

ALARM = "a backup of it is suspiciously small, and nobody has looked at it"
LAST_FAILED = "its last backup did not get through"
IN_USE = "a job or a download uses it"


@dataclass(frozen=True)
class ContainerPlan:
    """What happens to a container's backups, the newest first.

    `newest_good` is the one for which older ones may go. `hold` is why none goes at present.
    """

    container: str
    newest_good: Item | None
    hold: str
    verdicts: list[Verdict]

    @property
    def going(self) -> list[Item]:
        return [verdict.item for verdict in self.verdicts if not verdict.keep]


def plans_of(
    schedule: Schedule, options: ScheduleOptions | None = None, container: str = ""
) -> list[ContainerPlan]:
    """The plan for each container that the schedule has a backup of, or for one of them.

    With `options`, as it would be if the schedule had these. A container is known by its exact
    name, whatever its id: `app` is not `app-db`.
    """
    chosen = options or ScheduleOptions.of(schedule)
    rules, zone, now = rules_of(chosen), ZoneInfo(chosen.time_zone), timezone.now()
    owned = backups_owned(schedule, chosen.include_manual, container)
    untouchable, holds = Untouchable.among(owned), Holds.on(schedule)
    plans = []
    for name, backups in sorted(owned.items()):
        items = [item_of(backup, untouchable) for backup in backups]
        good = [item for item in items if counts(item, now)]
        newest = max(good, key=lambda item: item.created, default=None)
        hold = holds.reason(name, newest)
        held = [replace(item, untouchable=item.untouchable or hold) for item in items]
        plans.append(ContainerPlan(name, newest, hold, verdicts(held, rules, zone, now)))
    return plans


def goes_now(schedule: Schedule, container: str) -> list[Item]:
    """What a prune of this container would delete."""
    if not rules_of(schedule).any:
        return []
    return [item for plan in plans_of(schedule, container=container) for item in plan.going]


def backups_owned(
    schedule: Schedule, include_manual: bool, container: str = ""
) -> dict[str, list[Backup]]:
    """The backups that the schedule may delete, by container.

    Its own, and those that no schedule made if it is to have these too; never another schedule's.
    """
    found = Backup.objects.filter(kind=Kind.CONTAINER).defer("metadata")
    if container:
        found = found.filter(container_name=container)
    own = found.filter(schedule=schedule)
    if include_manual:
        names = own.values_list("container_name", flat=True).distinct()
        own = found.filter(Q(schedule=schedule) | Q(schedule=None), container_name__in=list(names))
    by_container: dict[str, list[Backup]] = defaultdict(list)
    for backup in own:
        by_container[backup.container_name].append(backup)
    return by_container


def item_of(backup: Backup, untouchable: "Untouchable") -> Item:
    """A backup as the rules see it, with why it must not be touched if so."""
    odd = what_is_odd(backup)
    return Item(
        backup.filename,
        backup.created,
        good=backup.verified and not odd,
        untouchable=odd or untouchable.reason(backup),
    )


def what_is_odd(backup: Backup) -> str:
    """Why the file is not the one that was recorded; nothing if it is. Follows no link."""
    try:
        found = (Path(settings.BACKUP_DIR) / backup.filename).lstat()
    except FileNotFoundError:
        return "its file is gone"
    if not stat.S_ISREG(found.st_mode):
        return "its file is none of ours, but a link or the like"
    return "" if found.st_size == backup.size else "its file is not the one that was recorded"


def files_in_use() -> set[str]:
    """The archives that jobs work with or are about to, and those that are being downloaded."""
    going = Job.objects.filter(status__in=UNFINISHED).exclude(kind=JobKind.PRUNE)
    used = names_being_downloaded()
    for arguments in going.values_list("arguments", flat=True):
        used.add(arguments.get("filename", ""))
        used.update(arguments.get("filenames") or [])
    return used


@dataclass(frozen=True)
class Untouchable:
    """What stays whatever the rules say: archives in use, and the last good set of each stack."""

    in_use: set[str]
    sets: set[UUID]

    @classmethod
    def among(cls, owned: dict[str, list[Backup]]) -> "Untouchable":
        backups = [backup for each in owned.values() for backup in each]
        stacks = {backup.stack for backup in backups if backup.set_id}
        newest = (next(filter(is_good_and_whole, sets_of(stack)), None) for stack in stacks)
        return cls(files_in_use(), {found.set_id for found in newest if found})

    def reason(self, backup: Backup) -> str:
        if backup.filename in self.in_use:
            return IN_USE
        if backup.set_id in self.sets:
            return f"it is of the newest good backup of the whole stack {backup.stack}"
        return ""


def is_good_and_whole(found: BackupSet) -> bool:
    """Whether the whole stack can be brought back from a set."""
    return (
        found.verified
        and not found.missing
        and all(backup.file == "present" for backup in found.backups)
    )


@dataclass(frozen=True)
class Holds:
    """Why nothing of a container may be deleted at present: an alarm, or a backup that failed."""

    alarmed: set[str]
    failed_at: dict[str, datetime]

    @classmethod
    def on(cls, schedule: Schedule) -> "Holds":
        asked = Job.objects.filter(kind=JobKind.BACKUP, arguments__schedule=schedule.pk)
        failed = asked.filter(status__in=ENDED).exclude(status=Status.COMPLETE)
        last = failed.values("subject").annotate(last=Max("created_at"))
        return cls(
            alarmed=set(open_alarms().values_list("container_name", flat=True)),
            failed_at=dict(last.values_list("subject", "last")),
        )

    def reason(self, container: str, newest_good: Item | None) -> str:
        if container in self.alarmed:
            return ALARM
        failed_at = self.failed_at.get(container)
        if failed_at and (newest_good is None or failed_at > newest_good.created):
            return LAST_FAILED
        return ""

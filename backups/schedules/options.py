"""What can be chosen for a schedule, checked."""

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from django.conf import settings

from backups.models import Schedule
from backups.options import BackupOptions, Consistency
from backups.retention.rules import Rules
from backups.schedules.timing import checked_expression, checked_zone
from containermonkey.problems import Invalid
from engine.names import REFERENCE

Task = Literal["backup", "verify"]
Covers = Literal["everything", "except", "only"]

MOST_ENTRIES = 1000
LONGEST_ENTRY = 300
LARGEST_COUNT = 10_000


@dataclass(frozen=True)
class ScheduleOptions:
    """A schedule as somebody wants it.

    `covers`: everything, everything except those named, or only those named by `names` (whole
    names of containers), `labels` (`key` or `key=value`) and `stacks`; a container is named if any
    of the three names it. `verify_after_days`: which backups a verification takes, those that were
    not verified for so many days, or None for the newest of each container. The `keep_…` are the
    rules of `backups.retention.rules`; `include_manual` has them count and delete backups that no
    schedule made, too.
    """

    name: str
    expression: str
    time_zone: str = field(default_factory=lambda: settings.TIME_ZONE)
    enabled: bool = True
    task: Task = "backup"
    covers: Covers = "everything"
    names: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    stacks: list[str] = field(default_factory=list)
    consistency: Consistency = "none"
    include_image: bool = False
    include_bind_mounts: bool = False
    verify_after_days: int | None = None
    keep_last: int | None = None
    keep_days: int | None = None
    keep_daily: int | None = None
    keep_weekly: int | None = None
    keep_monthly: int | None = None
    keep_yearly: int | None = None
    include_manual: bool = False

    @classmethod
    def of(cls, schedule: Schedule) -> "ScheduleOptions":
        return cls(**{each.name: getattr(schedule, each.name) for each in fields(cls)})

    def checked(self) -> "ScheduleOptions":
        """The same in the form in which it is kept. Raise Invalid, naming every field at fault."""
        wrong: dict[str, str] = {}
        expression = self.expression
        try:
            expression = checked_expression(self.expression)
        except Invalid as problem:
            wrong |= problem.fields
        try:
            checked_zone(self.time_zone)
        except Invalid as problem:
            wrong |= problem.fields
        wrong |= dict(self.wrong_choices()) | dict(self.wrong_entries()) | dict(self.wrong_counts())
        if wrong:
            reasons = "; ".join(f"{name}: {reason}" for name, reason in wrong.items())
            raise Invalid(f"The schedule is not valid: {reasons}", fields=wrong)
        return replace(self, name=self.name.strip(), expression=expression)

    def wrong_choices(self) -> list[tuple[str, str]]:
        name = self.name.strip()
        wrong = []
        if not name or len(name) > 100 or not name.isprintable():
            wrong.append(("name", "must have 1 to 100 printable characters"))
        if self.task not in Schedule.Task:
            wrong.append(("task", "must be backup or verify"))
        if self.covers not in Schedule.Covers:
            wrong.append(("covers", "must be everything, except or only"))
        elif self.covers != "everything" and not (self.names or self.labels or self.stacks):
            wrong.append(("names", "Name at least one container, label or stack."))
        try:
            self.backup_options()
        except Invalid as problem:
            wrong += problem.fields.items()
        return wrong

    def wrong_entries(self) -> list[tuple[str, str]]:
        lists = {"names": self.names, "labels": self.labels, "stacks": self.stacks}
        wrong = [
            (name, f"at most {MOST_ENTRIES}, each of 1 to {LONGEST_ENTRY} printable characters")
            for name, entries in lists.items()
            if len(entries) > MOST_ENTRIES
            or not all(0 < len(each) <= LONGEST_ENTRY and each.isprintable() for each in entries)
        ]
        if odd := [entry for entry in self.names if not REFERENCE.fullmatch(entry)]:
            wrong.append(("names", f"No container can be called {odd[0][:80]!r}."))
        if any(entry.startswith("=") for entry in self.labels):
            wrong.append(("labels", "A label is key or key=value."))
        return wrong

    def wrong_counts(self) -> list[tuple[str, str]]:
        counts = {each: getattr(self, each) for each in COUNTS}
        return [
            (name, f"must be a number from 1 to {LARGEST_COUNT}")
            for name, count in counts.items()
            if count is not None and not 1 <= count <= LARGEST_COUNT
        ]

    def backup_options(self) -> BackupOptions:
        return BackupOptions(self.consistency, self.include_image, self.include_bind_mounts)

    def as_fields(self) -> dict[str, Any]:
        """The values of the row's fields."""
        return asdict(self)


COUNTS = ["verify_after_days", *(f"keep_{each.name}" for each in fields(Rules))]


def rules_of(schedule: Schedule | ScheduleOptions) -> Rules:
    """The rules of retention of a schedule, or of its options."""
    return Rules(**{each.name: getattr(schedule, f"keep_{each.name}") for each in fields(Rules)})

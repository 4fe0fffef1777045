"""What the page of a schedule shows."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.masks import visible_text
from backups.forms import CONSISTENCY
from backups.models import Backup, Schedule
from backups.retention.alarm import alarm_of, open_alarms
from backups.retention.rules import Rules
from backups.schedules.options import ScheduleOptions, rules_of
from backups.schedules.plain import in_words
from backups.schedules.results import Outcome, latest
from backups.schedules.services import Preview, preview

LATE = timedelta(minutes=1)
"""After which a run that has not begun is said to be late."""

RULE_WORDS = {
    "last": "the last {}",
    "days": "all of {} days",
    "daily": "one a day for {} days",
    "weekly": "one a week for {} weeks",
    "monthly": "one a month for {} months",
    "yearly": "one a year for {} years",
}


@dataclass(frozen=True)
class SchedulePage:
    """A schedule in words, what it would do, what it did, and which of its backups alarm."""

    schedule: Schedule
    when: str
    facts: list[tuple[str, str]]
    preview: Preview
    last: Outcome | None
    earlier: list[Outcome]
    alarms: list[tuple[Backup, str]]  # the newest of each container
    late_since: datetime | None


def page_of(schedule: Schedule) -> SchedulePage:
    runs = latest(schedule)
    return SchedulePage(
        schedule=schedule,
        when=in_words(schedule.expression),
        facts=facts(schedule),
        preview=preview(ScheduleOptions.of(schedule), schedule),
        last=runs[0] if runs else None,
        earlier=runs[1:],
        alarms=alarms_of(schedule),
        late_since=late_since(schedule),
    )


def alarms_of(schedule: Schedule) -> list[tuple[Backup, str]]:
    """The newest backup of each container that is suspiciously small, with the sentence."""
    found = open_alarms().filter(schedule=schedule).order_by("created")
    newest = {backup.container_name: backup for backup in found}
    return [(backup, alarm_of(backup)) for backup in newest.values()]


def late_since(schedule: Schedule) -> datetime | None:
    """When a run should have begun that has not; None where all is as it should be."""
    due = schedule.next_run
    return due if due and due < timezone.now() - LATE else None


def facts(schedule: Schedule) -> list[tuple[str, str]]:
    """The plain lines of the page."""
    lines = [
        ("When", f"{in_words(schedule.expression)}, {schedule.time_zone}"),
        ("Covers", covers_in_words(schedule)),
    ]
    if schedule.task == Schedule.Task.VERIFY:
        return [*lines, ("Verifies", verified_in_words(schedule))]
    also = [
        "the image" if schedule.include_image else "",
        "folders of the host" if schedule.include_bind_mounts else "",
    ]
    return [
        *lines,
        ("While data is read", word_of_consistency(schedule.consistency)),
        ("Also put in", " and ".join(each for each in also if each) or "nothing"),
        ("Keeps", keeps_in_words(schedule)),
    ]


def covers_in_words(schedule: Schedule) -> str:
    if schedule.covers == Schedule.Covers.EVERYTHING:
        return "Everything"
    named = [
        *schedule.names,
        *(f"label {visible_text(label)}" for label in schedule.labels),
        *(f"stack {stack}" for stack in schedule.stacks),
    ]
    return f"{schedule.get_covers_display()}: {', '.join(named)}"


def verified_in_words(schedule: Schedule) -> str:
    if schedule.verify_after_days is None:
        return "The newest backup of each container"
    return f"Backups that were not verified for {schedule.verify_after_days} days"


def word_of_consistency(key: str) -> str:
    return next((word for known, word, _ in CONSISTENCY if known == key), key)


def keeps_in_words(schedule: Schedule) -> str:
    rules = rules_of(schedule)
    if not rules.any:
        return "Everything"
    counts = {each.name: getattr(rules, each.name) for each in fields(Rules)}
    kept = [RULE_WORDS[name].format(count) for name, count in counts.items() if count is not None]
    whose = ["backups made by hand too"] if schedule.include_manual else []
    words = ", ".join([*kept, *whose])
    return words[:1].upper() + words[1:]

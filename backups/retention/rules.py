"""Which backups of one container stay. Pure: no database, no disk, no clock.

The rules are those of restic and borg: each keeps some, and what one of them keeps stays. A rule by
period keeps the newest of each of the last N periods that have any.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo


@dataclass(frozen=True)
class Rules:
    """How many of what stay; None where there is no such rule, all None where everything stays."""

    last: int | None = None
    days: int | None = None
    daily: int | None = None
    weekly: int | None = None
    monthly: int | None = None
    yearly: int | None = None

    @property
    def any(self) -> bool:
        return any(value is not None for value in vars(self).values())


@dataclass(frozen=True)
class Item:
    """A backup as the rules see it.

    `good`: it was verified, and its file is there. `untouchable` is a reason for which it stays
    whatever the rules say.
    """

    filename: str
    created: datetime
    good: bool = True
    untouchable: str = ""


@dataclass(frozen=True)
class Verdict:
    """Whether a backup stays, and why; `reasons` of those that go say what they go for."""

    item: Item
    keep: bool
    reasons: tuple[str, ...]


PERIODS: dict[str, Callable[[datetime], object]] = {
    "daily": lambda day: day.date(),
    "weekly": lambda day: day.isocalendar()[:2],
    "monthly": lambda day: (day.year, day.month),
    "yearly": lambda day: day.year,
}
PERIOD_NAMES = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}


def verdicts(items: Iterable[Item], rules: Rules, zone: tzinfo, now: datetime) -> list[Verdict]:
    """What happens to each of a container's backups, the newest first.

    Only good ones count for the rules, and only what is older than the newest good one can go; so
    that one never does. One dated later than `now` was made under a wrong clock: it counts for
    nothing and stays. Days are counted back from the newest good one, so that nothing goes because
    no new one was made. Periods are those of `zone`.
    """
    ordered = sorted(items, key=lambda item: (item.created, item.filename), reverse=True)
    counted = [item for item in ordered if counts(item, now)]
    kept = reasons_to_keep(counted, rules, zone)
    newest = counted[0] if counted else None
    return [verdict(item, newest, rules, kept.get(item, []), now) for item in ordered]


def counts(item: Item, now: datetime) -> bool:
    """Whether a backup is one that others may be deleted for."""
    return item.good and item.created <= now


def verdict(
    item: Item, newest: Item | None, rules: Rules, kept_for: list[str], now: datetime
) -> Verdict:
    """What happens to one backup, given the newest good one and what the rules keep it for."""
    if item == newest:
        return Verdict(item, True, ("the newest good one", *kept_for))
    if not rules.any:
        return Verdict(item, True, ("there is no rule",))
    if item.untouchable:
        return Verdict(item, True, (item.untouchable,))
    if item.created > now:
        return Verdict(item, True, ("it is dated in the future",))
    if not item.good:
        return Verdict(item, True, ("it is not verified, so it is left to you",))
    if kept_for:
        return Verdict(item, True, tuple(kept_for))
    return Verdict(item, False, ("no rule keeps it",))


def reasons_to_keep(counted: list[Item], rules: Rules, zone: tzinfo) -> dict[Item, list[str]]:
    """For what the rules keep each of the good backups, given the newest first."""
    kept: dict[Item, list[str]] = {item: [] for item in counted}
    for place, item in enumerate(counted, start=1):
        if rules.last is not None and place <= rules.last:
            kept[item].append(f"one of the last {rules.last}" if rules.last > 1 else "the last one")
        if rules.days is not None and counted[0].created - item.created < timedelta(rules.days):
            kept[item].append(f"of the last {rules.days} days" if rules.days > 1 else "of one day")
    for rule, period_of in PERIODS.items():
        wanted = getattr(rules, rule) or 0
        for number, item in enumerate(newest_of_each(counted, period_of, zone)[:wanted], start=1):
            kept[item].append(f"{PERIOD_NAMES[rule]} {number} of {wanted}")
    return kept


def newest_of_each(
    counted: list[Item], period_of: Callable[[datetime], object], zone: tzinfo
) -> list[Item]:
    """The newest backup of each period that has any, given the newest first."""
    found: dict[object, Item] = {}
    for item in counted:
        found.setdefault(period_of(item.created.astimezone(zone)), item)
    return list(found.values())

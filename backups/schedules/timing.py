"""When a schedule falls due: a cron expression in a time zone. Everything here is pure.

Across a change of daylight saving time it is as with Debian's cron: what runs at certain hours
runs once, right after the gap where its time is skipped, and the first time where it comes twice;
what runs in every hour (the field begins with `*`) follows the hours that really pass.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError

from containermonkey.problems import Invalid
from engine.names import shortened

SHORTHANDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
LONGEST = 200
FIELDS = "minute, hour, day of the month, month, day of the week"


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The names of all time zones, as `Europe/Berlin`."""
    return frozenset(available_timezones())


def checked_zone(name: str) -> str:
    """The name of a time zone. Raise Invalid for any other."""
    if name not in zone_names():
        raise Invalid(
            f"There is no time zone named {shortened(name)}.",
            fields={"time_zone": "must be the name of a time zone, such as Europe/Berlin"},
        )
    return name


def checked_expression(text: str) -> str:
    """A cron expression in five fields, with one space between them; `@daily` is written out.

    Raise Invalid unless it is one, and unless it comes at all.
    """
    words = text[: LONGEST + 1].lower().split()
    expression = SHORTHANDS.get(" ".join(words), " ".join(words).upper())
    if len(expression) > LONGEST or len(expression.split()) != len(FIELDS.split(", ")):
        raise invalid(f"A cron expression has five fields: {FIELDS}.")
    try:
        found = next(CronSim(expression, datetime(2000, 1, 1)), None)
    except (CronSimError, ValueError) as problem:
        raise invalid(f"This is not a cron expression: {reason_of(problem)}.") from None
    if found is None:
        raise invalid("There is no such day: it would never run.")
    return expression


def reason_of(problem: Exception) -> str:
    """`the day of the month is not valid` from the library's `Bad day-of-month`."""
    field = str(problem).removeprefix("Bad ").replace("day-of-", "day of the ")
    return f"the {field} is not valid" if field in FIELDS else "a number is not valid"


def invalid(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"expression": sentence})


def slots_after(expression: str, zone: str, after: datetime) -> Iterator[datetime]:
    """The times at which the expression falls due later than `after`, in UTC, each once.

    Raise Invalid for what was taken once and is not any more, as a time zone that was given up.
    """
    newest = after.astimezone(UTC)
    try:
        times = CronSim(expression, after.astimezone(ZoneInfo(zone)))
    except (CronSimError, ZoneInfoNotFoundError):
        raise Invalid(f"When {expression} in {zone} falls due is not known any more.") from None
    for due in times:
        # In the hour that comes twice, the library answers with the first of the two.
        if (slot := due.astimezone(UTC)) > newest:
            newest = slot
            yield slot


def next_slots(expression: str, zone: str, after: datetime, count: int = 5) -> list[datetime]:
    """The next `count` times; fewer where the expression does not come so often in 50 years."""
    return list(islice(slots_after(expression, zone, after), count))

"""Times that somebody asks for in words."""

import re
from datetime import UTC, datetime, timedelta

from containermonkey.problems import Invalid

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
AGE = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
SECONDS = re.compile(r"\d{1,11}(\.\d{1,9})?", re.ASCII)


def seconds_in(name: str, text: str) -> str:
    """Seconds since 1970 of `2026-03-01T12:00`, `1772366400`, or `10m`, which is ten minutes ago.

    A time without a zone is in UTC.
    """
    text = text.strip()
    if not text or SECONDS.fullmatch(text):
        return text
    try:
        if age := AGE.fullmatch(text):
            unit = {UNITS[age[2]]: int(age[1])}
            moment = datetime.now(UTC) - timedelta(**unit)
        else:
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return f"{max(moment.timestamp(), 0):.6f}"
    except (ValueError, OverflowError):
        raise wrong(name, "must be a time such as 2026-03-01T12:00, or an age such as 10m") from (
            None
        )


def wrong(name: str, reason: str) -> Invalid:
    return Invalid(f"{name.capitalize()} {reason}.", fields={name: reason})

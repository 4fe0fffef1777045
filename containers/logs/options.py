"""What of a log is asked for, checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from containermonkey.problems import Invalid

DEFAULT_TAIL = 1000
MOST_LINES = 10_000
"""Lines that are shown or answered at once; a download has no end."""

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
AGE = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
SECONDS = re.compile(r"\d{1,11}(\.\d{1,9})?", re.ASCII)
ENGINE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)


@dataclass(frozen=True)
class LogOptions:
    """Which lines: the last `tail` (None: all) of those between two times that hold `search`.

    `since` and `until` are seconds since 1970 as the Engine takes them. `after` is a time as the
    Engine writes it; lines up to it have been seen already.
    """

    tail: int | None = DEFAULT_TAIL
    since: str = ""
    until: str = ""
    search: str = ""
    timestamps: bool = False
    after: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str], *, timestamps: bool = False) -> Self:
        """Options from words. Raise Invalid with the field that is at fault."""
        after = asked.get("after", "")
        if after and not ENGINE_TIME.fullmatch(after):
            raise wrong("after", "must be a time as the log has it")
        return cls(
            lines_in(asked.get("tail", "")),
            seconds_in("since", asked.get("since", "")),
            seconds_in("until", asked.get("until", "")),
            asked.get("search", "")[:300],
            timestamps,
            after,
        )

    def whole(self) -> Self:
        """The same without an end of the number of lines."""
        return replace(self, tail=None)


def lines_in(word: str) -> int:
    if not word:
        return DEFAULT_TAIL
    if word == "all":
        return MOST_LINES
    if not (word.isascii() and word.isdigit() and len(word) <= 6 and int(word) <= MOST_LINES):
        raise wrong("tail", f"must be a number of lines from 0 to {MOST_LINES}, or all")
    return int(word)


def seconds_in(field: str, text: str) -> str:
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
        raise wrong(field, "must be a time such as 2026-03-01T12:00, or an age such as 10m") from (
            None
        )


def wrong(field: str, reason: str) -> Invalid:
    return Invalid(f"{field.capitalize()} {reason}.", fields={field: reason})

"""What of a log is asked for, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from containermonkey.asked_times import seconds_in, wrong
from containers.logs import position
from containers.logs.position import Position

DEFAULT_TAIL = 1000
MOST_SHOWN = 5000
"""Lines that a page shows, or is sent at first."""

MOST_LINES = 100_000
"""Lines that are answered as JSON; text has no end."""

LONGEST_SEARCH = 300


@dataclass(frozen=True)
class LogOptions:
    """Which lines: the last `tail` (None: all) of those between two times that hold `search`.

    `since` and `until` are seconds since 1970 as the Engine takes them. Lines up to `after` have
    been seen already.
    """

    tail: int | None = DEFAULT_TAIL
    since: str = ""
    until: str = ""
    search: str = ""
    timestamps: bool = False
    after: Position = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        asked: Mapping[str, str],
        *,
        most: int | None = MOST_SHOWN,
        timestamps: bool = False,
    ) -> Self:
        """Options from words, for at most so many lines. Raise Invalid with what is at fault."""
        try:
            after = position.of_word(asked.get("after", ""))
        except ValueError:
            raise wrong("after", "must be a time as the log has it") from None
        return cls(
            lines_in(asked.get("tail", ""), most),
            seconds_in("since", asked.get("since", "")),
            seconds_in("until", asked.get("until", "")),
            asked.get("search", "")[:LONGEST_SEARCH],
            timestamps,
            after,
        )


def lines_in(word: str, most: int | None) -> int | None:
    """A number of lines; `all` are `most`, or None where there is no end."""
    word = word.strip()
    if not word:
        return DEFAULT_TAIL
    if word == "all":
        return most
    if word.isascii() and word.isdigit() and len(word) <= 9 and int(word) <= (most or int(word)):
        return int(word)
    reason = "must be a number of lines, or all"
    if most is not None:
        reason = f"must be a number of lines from 0 to {most}, or all"
    raise wrong("tail", reason)

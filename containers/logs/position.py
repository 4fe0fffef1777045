"""How far a log is known to one who reads it, so that it can be gone on with from there.

Within a stream the times only grow. Across the two they do not quite: the Engine takes the time of
a line before it writes it, and two write at once. So the last time of each is kept.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from containers.logs.lines import Line

Position = Mapping[str, str]
"""The time of the last line known, by stream."""

STREAMS = ("stdout", "stderr")
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z"
IS_TIME = re.compile(TIME, re.ASCII)
WORD = re.compile(rf"(?:({'|'.join(STREAMS)})=)?({TIME})", re.ASCII)

OVERLAP = 1
"""Seconds before the last time from which the Engine is asked: see above."""


def advanced(position: Position, lines: Iterable[Line]) -> Position:
    """The position after these lines."""
    last = {line.stream: line.time for line in lines}
    return {**position, **{each: time for each, time in last.items() if IS_TIME.fullmatch(time)}}


def as_word(position: Position) -> str:
    """The position as it travels: `stdout=<time>,stderr=<time>`."""
    return ",".join(f"{stream}={time}" for stream, time in position.items())


def of_word(word: str) -> Position:
    """The position that `as_word` wrote; a time alone is one of both streams. Raise ValueError."""
    position: dict[str, str] = {}
    for part in word.split(",") if word else ():
        match = WORD.fullmatch(part)
        if match is None:
            raise ValueError(part)
        datetime.fromisoformat(match[2])
        position |= dict.fromkeys([match[1]] if match[1] else STREAMS, match[2])
    return position


def since(position: Position) -> str:
    """From where the Engine is to be asked: seconds since 1970 with nanoseconds."""
    last = max(order(time.encode()) for time in position.values()).decode()
    whole, _, fraction = last.partition(".")
    return f"{seconds(whole) - OVERLAP:.0f}.{fraction}"


def seconds(time: str) -> float:
    """A time of the Engine's as whole seconds since 1970; 0 for what is none."""
    return datetime.fromisoformat(f"{time[:19]}Z").timestamp() if time[:2] == "20" else 0.0


def order(time: bytes) -> bytes:
    """A time of the Engine's so that later ones sort after it: zeros at the end may be missing."""
    seconds, _, fraction = time.rstrip(b"Z").partition(b".")
    return seconds + b"." + fraction.ljust(9, b"0")

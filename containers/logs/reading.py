"""Reading the log of a container from the Engine, as it is or as it goes on."""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from containers.logs.lines import Line, LineAssembler, parsed
from containers.logs.options import LogOptions
from engine import wire
from engine.frames import pieces

Raw = tuple[str, bytes]
"""A line that nobody has looked into yet: its stream, and its bytes with the time before them."""


@dataclass(frozen=True)
class Log:
    """The lines that were asked for, and how many of those that fit were left out before them."""

    lines: list[Line]
    left_out: int


async def raw_lines(
    inspect: dict[str, Any], options: LogOptions, *, follow: bool
) -> AsyncGenerator[list[Raw], None]:
    """The lines of an inspected container's log, those of a block of the Engine's at a time.

    With `follow` it ends when the container does. A search goes through the whole log; which of
    the lines found are the last has to be seen by who reads.
    """
    tail = "all" if options.tail is None or options.search or options.after else options.tail
    params = {
        **{"stdout": "1", "stderr": "1", "timestamps": "1", "follow": "1" if follow else "0"},
        **{"tail": tail, "since": options.since, "until": options.until},
    }
    if options.after:
        params["since"] = seconds_of(options.after)
    wanted = Wanted(options)
    path = f"/containers/{inspect['Id']}/logs"
    async with wire.asked("GET", path, params=params) as answer:
        source = (
            one_stream(answer.blocks()) if inspect["Config"]["Tty"] else pieces(answer.blocks())
        )
        begun: dict[str, LineAssembler] = {}
        async for batch in source:
            found = [
                (stream, line)
                for stream, piece in batch
                for line in begun.setdefault(stream, LineAssembler()).feed(piece)
                if wanted.has(line)
            ]
            if found:
                yield found
        last = [(stream, line) for stream, each in begun.items() for line in each.rest()]
        if found := [each for each in last if wanted.has(each[1])]:
            yield found


class Wanted:
    """Whether a line is one of those that are asked for."""

    def __init__(self, options: LogOptions) -> None:
        self._words = options.search.casefold()
        self._after = options.after.encode()

    def has(self, line: bytes) -> bool:
        if self._after and order(line.partition(b" ")[0]) <= order(self._after):
            return False
        if not self._words:
            return True
        return self._words in line.partition(b" ")[2].decode(errors="replace").casefold()


def order(time: bytes) -> bytes:
    """A time of the Engine's so that later ones sort after it: it leaves out zeros at the end."""
    seconds, _, fraction = time.rstrip(b"Z").partition(b".")
    return seconds + b"." + fraction.ljust(9, b"0")


def seconds_of(time: str) -> str:
    """The same time as the Engine takes it: seconds since 1970 with nanoseconds."""
    seconds, _, fraction = order(time.encode()).decode().partition(".")
    return f"{datetime.fromisoformat(seconds + 'Z').timestamp():.0f}.{fraction}"


async def one_stream(blocks: AsyncIterator[bytes]) -> AsyncGenerator[list[Raw], None]:
    """With a terminal there is one stream, and no frames."""
    async for block in blocks:
        yield [("stdout", block)]


async def read_log(inspect: dict[str, Any], options: LogOptions) -> Log:
    """The last lines that are asked for; never more of them in memory than that."""
    kept: deque[Raw] = deque(maxlen=options.tail)
    found = 0
    async for batch in raw_lines(inspect, options, follow=False):
        found += len(batch)
        kept.extend(batch)
    return Log([parsed(stream, line) for stream, line in kept], found - len(kept))


async def log_text(inspect: dict[str, Any], options: LogOptions) -> AsyncGenerator[bytes, None]:
    """The log as plain bytes, as the container wrote it, as it comes from the Engine."""
    async for batch in raw_lines(inspect, options, follow=False):
        lines = (line if options.timestamps else line.partition(b" ")[2] for _, line in batch)
        yield b"".join(line + b"\n" for line in lines)

"""Reading the log of a container from the Engine, as it is or as it goes on."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter, lt
from typing import Any

from containermonkey.problems import EngineRefused
from containers.logs import position
from containers.logs.ansi import as_text
from containers.logs.lines import (
    LONGEST_IN_A_FILE,
    LONGEST_LINE,
    Line,
    LineAssembler,
    Raw,
    parsed,
)
from containers.logs.newest import MOST_BYTES, Newest
from containers.logs.options import MOST_LINES, LogOptions
from engine import wire
from engine.errors import sentence
from engine.frames import pieces

Batch = list[tuple[str, bytes]]

ATTEMPTS = 3
"""How often a log is read from its beginning when it is rotated away meanwhile."""

REMEMBERED = 4096
"""Lines by which repeats are known; of a rotated log one or two come again."""

NEWEST_LOST = "The newest were rotated away faster than they could be read."

TIME_LENGTH = len("2026-01-01T00:00:00.000000000Z")

BROKEN = b"Error grabbing logs"
"""How the Engine's words begin, with a terminal: there are no frames to tell them by."""


class LogLost(EngineRefused):
    """The Engine lost its place in the log, as it does when that is rotated faster than read."""

    code = "log_lost"


@dataclass(frozen=True)
class Log:
    """The lines that were asked for, and how many of those that fit were left out before them.

    Where `lost` holds, the newest are missing: their file was rotated away while it was read.
    """

    lines: list[Line]
    left_out: int
    lost: bool = False


async def raw_lines(
    inspect: dict[str, Any],
    options: LogOptions,
    *,
    follow: bool = False,
    longest: int = LONGEST_LINE,
) -> AsyncGenerator[list[Raw], None]:
    """The lines of an inspected container's log, those of a block of the Engine's at a time.

    With `follow` it ends when the container does. A search goes through the whole log; which of
    the lines found are the last has to be seen by who reads. Raise LogLost.
    """
    wanted = Wanted(options)
    begun: dict[str, LineAssembler] = {}
    repeats = Repeats()
    params = asked_for(options, timestamps=True, follow=follow)
    async with aclosing(batches(inspect, params)) as source:
        async for batch in source:
            found: list[Raw] = []
            # Most pieces are a line: put together first, they are taken apart in one go.
            for stream, run in groupby(batch, key=itemgetter(0)):
                if stream not in begun:
                    begun[stream] = LineAssembler(stream, longest)
                found += begun[stream].feed(b"".join([piece for _, piece in run]))
            check_whole(found)
            if found := wanted.among(repeats.taken_from(found)):
                yield found
    rest = [line for each in begun.values() for line in each.rest()]
    check_whole(rest)
    if found := wanted.among(rest):
        yield found


def check_whole(lines: list[Raw]) -> None:
    """Raise LogLost where the last lines are the Engine's: of all, only these have no time."""
    for _, line in lines[-2:]:
        if line.startswith(BROKEN):
            raise LogLost(sentence(line.decode(errors="replace")))


async def batches(inspect: dict[str, Any], params: dict[str, str]) -> AsyncGenerator[Batch, None]:
    """What the Engine sends of a log, by stream, as much of it as has arrived at a time."""
    async with wire.asked("GET", f"/containers/{inspect['Id']}/logs", params=params) as answer:
        blocks = answer.blocks()
        source = one_stream(blocks) if inspect["Config"]["Tty"] else pieces(blocks)
        async with aclosing(blocks), aclosing(source):
            async for batch in source:
                failure = b"".join([piece for stream, piece in batch if stream == "error"])
                if not failure:
                    yield batch
                    continue
                if said := [each for each in batch if each[0] != "error"]:
                    yield said
                raise LogLost(sentence(failure.decode(errors="replace")))


async def one_stream(blocks: AsyncIterator[bytes]) -> AsyncGenerator[Batch, None]:
    """With a terminal there is one stream, and no frames."""
    async for block in blocks:
        yield [("stdout", block)]


def asked_for(options: LogOptions, *, timestamps: bool, follow: bool = False) -> dict[str, str]:
    """The query that the Engine is asked with, without empty words, which Podman refuses."""
    everything = options.tail is None or options.search or options.after
    query = {
        "stdout": "1",
        "stderr": "1",
        "timestamps": "1" if timestamps else "0",
        "follow": "1" if follow else "0",
        "tail": "all" if everything else str(options.tail),
        "since": position.since(options.after) if options.after else options.since,
        "until": options.until,
    }
    return {name: word for name, word in query.items() if word}


class Repeats:
    """Takes out the lines that the Engine says twice when it goes on to the next file."""

    def __init__(self) -> None:
        self._last = b""
        self._recent: set[int] = set()
        self._before: set[int] = set()

    def taken_from(self, lines: list[Raw]) -> list[Raw]:
        times = [line[:TIME_LENGTH] for _, line in lines]
        if not all(map(lt, chain([self._last], times), times)):
            # They are the same to the nanosecond. Two streams may be a little out of order.
            lines = [line for line in lines if not self._is_known(line)]
        if lines:
            self._last = lines[-1][1][:TIME_LENGTH]
            self._recent.update(map(hash, lines))
        if len(self._recent) > REMEMBERED:
            self._before, self._recent = self._recent, set()
        return lines

    def _is_known(self, line: Raw) -> bool:
        known = hash(line)
        if known in self._recent or known in self._before:
            return True
        self._recent.add(known)
        return False


class Wanted:
    """Which lines are those that are asked for."""

    def __init__(self, options: LogOptions) -> None:
        self._words = options.search.casefold()
        self._after = {
            stream: position.order(time.encode()) for stream, time in options.after.items()
        }

    def among(self, lines: list[Raw]) -> list[Raw]:
        """Those of the lines that are new and hold the words."""
        if self._after:
            lines = [line for line in lines if self._is_new(*line)]
        if self._words:
            lines = [line for line in lines if self._words in shown_text(line[1])]
        return lines

    def _is_new(self, stream: str, line: bytes) -> bool:
        last = self._after.get(stream)
        if last is None:
            return True
        if position.order(line.partition(b" ")[0]) <= last:
            return False
        del self._after[stream]  # the times of a stream only grow
        return True


def shown_text(line: bytes) -> str:
    """The text of a line as it will be seen, in which upper and lower case are the same."""
    text = line.partition(b" ")[2].decode(errors="replace")
    if "\x1b" in text or "\r" in text:
        text = as_text(text)
    return text.casefold()


async def read_log(
    inspect: dict[str, Any], options: LogOptions, most_bytes: int = MOST_BYTES
) -> Log:
    """The last lines that are asked for; never more of them in memory than that."""
    lost = False
    for attempt in range(ATTEMPTS):
        newest = Newest(MOST_LINES if options.tail is None else options.tail, most_bytes)
        try:
            async with aclosing(raw_lines(inspect, options)) as source:
                async for batch in source:
                    newest.add(batch)
            break
        except LogLost:
            lost = attempt == ATTEMPTS - 1
            if lost and not newest:
                raise
    lines, left_out = newest.take()
    return Log([parsed(stream, line) for stream, line in lines], left_out, lost)


async def log_text(inspect: dict[str, Any], options: LogOptions) -> AsyncGenerator[bytes, None]:
    """The log as text, as it comes from the Engine; byte by byte as the container wrote it.

    Only where times or words are asked for it has to be taken apart into lines.
    """
    if not (options.search or options.timestamps):
        params = asked_for(options, timestamps=False)
        async with aclosing(batches(inspect, params)) as source:
            async for batch in source:
                yield b"".join([piece for _, piece in batch])
    elif options.search and options.tail is not None:
        for line in (await read_log(inspect, options)).lines:
            yield (
                f"{line.time} {line.text}\n".encode()
                if options.timestamps
                else (f"{line.text}\n".encode())
            )
    else:
        found = raw_lines(inspect, options, longest=LONGEST_IN_A_FILE)
        async with aclosing(found) as source:
            async for lines in source:
                yield b"".join(
                    [
                        (line if options.timestamps else line.partition(b" ")[2]) + b"\n"
                        for _, line in lines
                    ]
                )


async def check_readable(inspect: dict[str, Any]) -> None:
    """Raise the Engine's sentence where the log's driver keeps it elsewhere."""
    params = asked_for(LogOptions(tail=0), timestamps=False)
    async with wire.asked("GET", f"/containers/{inspect['Id']}/logs", params=params):
        return

"""The logs of several containers as one, in the order of their lines' times."""

import asyncio
import heapq
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from operator import itemgetter

from containermonkey.problems import Problem
from containers.logs import position
from containers.logs.lines import LONGEST_IN_A_FILE, Line, Raw
from containers.logs.options import LogOptions
from containers.logs.reading import NEWEST_LOST, Log, raw_lines, read_log
from stacks.logs.positions import Positions
from stacks.logs.speakers import Speaker

AT_ONCE = 8
"""Logs that are read at the same time."""

BLOCK = 64 << 10
"""Bytes of text that are given on at a time."""

Spoken = tuple[Speaker, Line]


@dataclass(frozen=True)
class Together:
    """The last lines of all, how many were left out, and whose log could not be read and why.

    `positions` is up to where the log of each is known, also of those whose lines are too old.
    """

    lines: list[Spoken] = field(default_factory=list)
    left_out: int = 0
    positions: Positions = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


async def read_together(
    speakers: Sequence[Speaker], options: LogOptions, most_bytes: int
) -> Together:
    """The last `tail` lines of all together; `most_bytes` of them in memory."""
    few = asyncio.Semaphore(AT_ONCE)
    share = most_bytes // max(len(speakers), 1)

    async def read(speaker: Speaker) -> Log | Problem:
        async with few:
            try:
                return await read_log(speaker.inspect, options, share)
            except Problem as problem:
                return problem

    found = list(zip(speakers, await asyncio.gather(*map(read, speakers)), strict=True))
    logs = [(each, log) for each, log in found if isinstance(log, Log)]
    lines = in_order([(each, line) for each, log in logs for line in log.lines])
    shown = lines if options.tail is None else lines[max(len(lines) - options.tail, 0) :]
    return Together(
        shown,
        sum(log.left_out for _, log in logs) + len(lines) - len(shown),
        {each.short_id: position.advanced({}, log.lines) for each, log in logs},
        [f"{each.name}: {reason}" for each, one in found if (reason := why_unread(one))],
    )


def why_unread(found: Log | Problem) -> str:
    """Why a log could not be read, or not to its end; nothing of one that is whole."""
    if isinstance(found, Problem):
        return str(found)
    return NEWEST_LOST if found.lost else ""


def in_order(lines: list[Spoken]) -> list[Spoken]:
    """Sorted by time; those of one time stay as they are."""
    return sorted(lines, key=lambda spoken: position.order(spoken[1].time.encode()))


async def text_together(
    speakers: Sequence[Speaker], options: LogOptions
) -> AsyncGenerator[bytes, None]:
    """All lines of all as text on its way, however long: `web-1 | …`.

    Of each log what the Engine has sent at a time is held, and no more asked for meanwhile.
    """
    async with AsyncExitStack() as opened:
        sources = [
            await opened.enter_async_context(
                aclosing(raw_lines(each.inspect, options, longest=LONGEST_IN_A_FILE))
            )
            for each in speakers
        ]
        block, size = [], 0
        async with aclosing(merged(sources)) as lines:
            async for place, (_, line) in lines:
                time, _, text = line.partition(b" ")
                shown = time + b" " + text if options.timestamps else text
                block.append(speakers[place].name.encode() + b" | " + shown + b"\n")
                size += len(block[-1])
                if size > BLOCK:
                    yield b"".join(block)
                    block, size = [], 0
        yield b"".join(block)


async def merged(
    sources: Sequence[AsyncGenerator[list[Raw], None]],
) -> AsyncGenerator[tuple[int, Raw], None]:
    """The lines of all sources by time, each with the place of its source."""
    waiting: list[deque[Raw]] = [deque() for _ in sources]
    first: list[tuple[bytes, int]] = []

    async def advance(place: int) -> None:
        while not waiting[place]:
            batch = await anext(sources[place], None)
            if batch is None:
                return
            waiting[place].extend(batch)
        time = waiting[place][0][1].partition(b" ")[0]
        heapq.heappush(first, (position.order(time), place))

    for place in range(len(sources)):
        await advance(place)
    while first:
        place = itemgetter(1)(heapq.heappop(first))
        yield place, waiting[place].popleft()
        await advance(place)

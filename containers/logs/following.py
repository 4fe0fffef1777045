"""A log as it goes on, for one who watches: never more waits than can be shown.

Reading goes on as fast as the Engine sends; of what has not been taken meanwhile the newest is
kept, and what had to go is counted. So neither a container that floods nor a browser that is slow
can make anything grow. Where reading does not keep up, as when many watch a flood, it is given up,
and the last lines are asked for once a second until the flood is over.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from containermonkey.problems import Conflict, NotFound
from containers.logs import position
from containers.logs.lines import Line, Raw, parsed
from containers.logs.newest import MOST_BYTES, Newest
from containers.logs.options import DEFAULT_TAIL, LogOptions
from containers.logs.position import Position
from containers.logs.reading import LogLost, Wanted, raw_lines
from engine import wire

MOST_WAITING = DEFAULT_TAIL
"""Lines that wait for a watcher who did not ask for more at first."""

INTERVAL = 0.1
"""Seconds between two deliveries: a line at a time would cost the browser more than the lines."""

INTERVAL_IN_FLOOD = 1.0
"""The same while more comes than can be shown, and nobody reads along: the browser has to go on
scrolling and answering."""

LOOK_AGAIN = 1.0
"""Seconds between two looks at a container that has ended."""

MOST_BEHIND = 3.0
"""Seconds that reading may fall behind what the container writes."""

UNCOUNTED = -1
"""How many lines were left out where nobody has read them."""

LINES_AT_ONCE, BYTES_AT_ONCE = 500, 64 << 10
"""How much is made ready to be shown before others have their turn."""

NEVER = "0001-01-01T00:00:00Z"
"""When a container was started that never was."""

REMOVED = "The container has been removed."
STARTED = "The container has been started again."
LOST = "The log was rotated away faster than it could be read: lines may be missing here."


@dataclass(frozen=True)
class Delivery:
    """New lines, how many were left out before them, and what happened, as a sentence.

    `position` is up to where the log is known after it.
    """

    lines: list[Line]
    left_out: int = 0
    note: str = ""
    position: Position | None = None


class Follower:
    """One who reads the log of one container. Use `deliveries`."""

    def __init__(
        self,
        inspect: dict[str, Any],
        options: LogOptions,
        *,
        follow: bool = True,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._inspect = inspect
        self._options = options
        # What has an end in time is not followed: nothing that comes would be within.
        self._follow = follow and not options.until
        self._started_at = inspect["State"]["StartedAt"]
        self._waiting = Newest(max(options.tail or 0, MOST_WAITING), most_bytes)
        self._arrived = asyncio.Event()
        self._least_delay: float | None = None

    async def deliveries(self) -> AsyncGenerator[Delivery, None]:
        """What there is to be told, from the last lines on, until the container is removed."""
        while True:
            behind = False
            async with aclosing(self._read()) as source:
                async for delivery in source:
                    yield delivery
                    if behind := self._falls_behind(delivery):
                        break
            if not self._follow:
                return
            if behind:
                async with aclosing(self._samples()) as samples:
                    async for delivery in samples:
                        yield delivery
                continue
            async with aclosing(self._events()) as events:
                async for delivery in events:
                    yield delivery
                    if delivery.note == REMOVED:
                        return

    async def _read(self) -> AsyncGenerator[Delivery, None]:
        """The log until the Engine ends it."""
        reader = asyncio.create_task(self._keep_newest(self._follow))
        reader.add_done_callback(lambda _: self._arrived.set())
        try:
            while not reader.done() or self._waiting:
                await self._arrived.wait()
                self._arrived.clear()
                flood = False
                for delivery in self._taken():
                    flood |= bool(delivery.left_out)
                    yield delivery
                if not reader.done():
                    await asyncio.wait([reader], timeout=INTERVAL_IN_FLOOD if flood else INTERVAL)
            try:
                await reader  # raises what ended it
            except LogLost:
                yield Delivery([], note=LOST)
            except (NotFound, Conflict):
                if not self._follow:
                    raise
                # It is being removed: the look that follows tells.
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _keep_newest(self, follow: bool) -> None:
        source = raw_lines(self._inspect, self._options, follow=follow)
        async with aclosing(source) as batches:
            async for batch in batches:
                self._waiting.add(batch)
                self._arrived.set()
                # Where all has arrived already, nothing above waits: others have their turn.
                await asyncio.sleep(0)

    def _falls_behind(self, delivery: Delivery) -> bool:
        """Whether, in a flood, the lines come later and later after they were written.

        Compared with the least delay so far, because the Engine's clock may differ from ours.
        """
        if not delivery.lines or self._options.search:
            return False
        delay = time.time() - position.seconds(delivery.lines[-1].time)
        self._least_delay = min(delay, self._least_delay or delay)
        return bool(delivery.left_out) and delay > self._least_delay + MOST_BEHIND

    async def _samples(self) -> AsyncGenerator[Delivery, None]:
        """The last lines once a second, until what is new begins among them."""
        last = LogOptions(tail=MOST_WAITING)
        while True:
            self._waiting.take()
            await asyncio.sleep(INTERVAL_IN_FLOOD)
            try:
                async with aclosing(raw_lines(self._inspect, last)) as batches:
                    async for batch in batches:
                        self._waiting.add(batch)
            except LogLost:
                pass  # the last lines are asked for again in a moment
            except (NotFound, Conflict):
                return  # it is being removed: reading it meets the same, and then it is told
            raw, _ = self._waiting.take()
            new = Wanted(self._options).among(raw)
            left_out = UNCOUNTED if len(new) == len(raw) else 0
            for delivery in self._deliver(new, left_out):
                yield delivery
            if raw and not left_out:
                return

    def _taken(self) -> Iterator[Delivery]:
        return self._deliver(*self._waiting.take())

    def _deliver(self, raw: list[Raw], left_out: int) -> Iterator[Delivery]:
        for portion in portions(raw):
            lines = [parsed(stream, line) for stream, line in portion]
            known = position.advanced(self._options.after, lines)
            self._options = replace(self._options, after=known)
            yield Delivery(lines, left_out, position=known)
            left_out = 0

    async def _events(self) -> AsyncGenerator[Delivery, None]:
        """What became of a container whose log has ended, until there may be more to read."""
        told = complete = False
        for look in count():
            state = await self._state()
            if state is None:
                for delivery in self._taken():
                    yield delivery
                yield Delivery([], note=REMOVED)
                return
            if state["StartedAt"] != self._started_at:
                self._started_at = state["StartedAt"]
                self._waiting.take()  # comes again, behind the note
                yield Delivery([], note=STARTED)
                return
            note = ended(state)
            if not note and look:
                return  # it runs, and only the reading of its log was ended
            if note and not complete:
                complete = True
                if lost := await self._keep_last_words():
                    yield Delivery([], note=lost)
                continue  # it may have been started meanwhile
            if note and not told:
                told = True
                for delivery in self._taken():
                    yield delivery
                yield Delivery([], note=note)
            await asyncio.sleep(LOOK_AGAIN)

    async def _keep_last_words(self) -> str:
        """Read what a container that has ended wrote last; return a note where lines are missing.

        The Engine ends a log that is followed with the container, and may do so before all of it
        was sent.
        """
        try:
            await self._keep_newest(follow=False)
        except LogLost:
            return LOST
        except (NotFound, Conflict):
            pass  # it is being removed: the next look tells
        return ""

    async def _state(self) -> dict[str, Any] | None:
        try:
            found = await wire.ask("GET", f"/containers/{self._inspect['Id']}/json")
        except NotFound:
            return None
        return dict(found["State"])


def ended(state: dict[str, Any]) -> str:
    """How a container ended, as a sentence; nothing of one that runs."""
    if state["StartedAt"] == NEVER:
        return "The container has not been started yet."
    if state.get("Restarting"):
        return f"The container has ended, with exit code {state['ExitCode']}, and is restarted."
    if state["Running"]:
        return ""
    return f"The container has ended, with exit code {state['ExitCode']}."


def portions(lines: list[Raw]) -> Iterator[list[Raw]]:
    """The lines in portions that are quickly made ready."""
    portion: list[Raw] = []
    size = 0
    for line in lines:
        portion.append(line)
        size += len(line[1])
        if len(portion) >= LINES_AT_ONCE or size >= BYTES_AT_ONCE:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion

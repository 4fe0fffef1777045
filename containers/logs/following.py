"""A log as it goes on, for one who watches: never more waits than can be shown.

Reading goes on as fast as the Engine sends; of what has not been taken meanwhile the newest is
kept, and what had to go is counted. So neither a container that floods nor a browser that is slow
can make anything grow.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from containermonkey.problems import NotFound
from containers.logs.lines import Line, parsed
from containers.logs.options import LogOptions
from containers.logs.reading import Raw, raw_lines
from engine import wire

MOST_WAITING = 1000
"""Lines that wait for a watcher."""

INTERVAL = 0.2
"""Seconds between two deliveries: a line at a time would cost the browser more than the lines."""

INTERVAL_IN_FLOOD = 1.0
"""The same while more comes than can be shown, and nobody reads along: the browser has to go on
scrolling and answering."""

LOOK_AGAIN = 1.0
"""Seconds between two looks at a container that has ended."""


@dataclass(frozen=True)
class Delivery:
    """New lines, how many were left out before them, and what happened, as a sentence."""

    lines: list[Line]
    left_out: int = 0
    note: str = ""


class Follower:
    """One who reads the log of one container. Use `deliveries`."""

    def __init__(self, inspect: dict[str, Any], options: LogOptions) -> None:
        self._inspect = inspect
        self._options = options
        self._waiting: deque[Raw] = deque(maxlen=max(options.tail or 0, MOST_WAITING))
        self._left_out = 0

    async def deliveries(self) -> AsyncGenerator[Delivery, None]:
        """What there is to be told, from the last lines on, until the container is removed."""
        while True:
            reader = asyncio.create_task(self._read())
            try:
                pause = INTERVAL
                while not reader.done():
                    await asyncio.wait([reader], timeout=pause)
                    if delivery := self._taken():
                        yield delivery
                        pause = INTERVAL_IN_FLOOD if delivery.left_out else INTERVAL
                await reader  # raises what ended it
            finally:
                reader.cancel()
                with suppress(asyncio.CancelledError):
                    await asyncio.gather(reader, return_exceptions=True)
            state = await self._state()
            if state is None:
                yield Delivery([], note="The container has been removed.")
                return
            if not state["Running"]:
                code = state["ExitCode"]
                yield Delivery([], note=f"The container has ended, with exit code {code}.")
                if not await self._started_again(state):
                    yield Delivery([], note="The container has been removed.")
                    return
                yield Delivery([], note="The container has been started again.")

    async def _read(self) -> None:
        async for batch in raw_lines(self._inspect, self._options, follow=True):
            before = len(self._waiting)
            self._waiting.extend(batch)
            self._left_out += before + len(batch) - len(self._waiting)
            # Where everything has arrived already, nothing above waits: others have their turn.
            await asyncio.sleep(0)

    def _taken(self) -> Delivery | None:
        if not self._waiting:
            return None
        lines = [parsed(stream, line) for stream, line in self._waiting]
        left_out, self._left_out = self._left_out, 0
        self._waiting.clear()
        self._options = replace(self._options, after=lines[-1].time)
        return Delivery(lines, left_out)

    async def _state(self) -> dict[str, Any] | None:
        try:
            found = await wire.ask("GET", f"/containers/{self._inspect['Id']}/json")
        except NotFound:
            return None
        return dict(found["State"])

    async def _started_again(self, ended: dict[str, Any]) -> bool:
        """Wait until the container has been started; False when it is removed instead.

        Where it has ended once more before anybody looked, the time of its start tells.
        """
        while state := await self._state():
            if state["Running"] or state["StartedAt"] != ended["StartedAt"]:
                return True
            await asyncio.sleep(LOOK_AGAIN)
        return False

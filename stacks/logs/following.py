"""The logs of a stack's containers as they go on, for one who watches all of them.

Each log is followed as that of a single container is, with a share of the memory; what they
deliver is taken together several times a second and put in order of time.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from asgiref.sync import sync_to_async

from containermonkey.problems import EngineUnreachable, NotFound, Problem
from containers.logs.following import INTERVAL, UNCOUNTED, Delivery, Follower
from containers.logs.options import LogOptions
from stacks.logs.positions import Positions
from stacks.logs.reading import Spoken, in_order
from stacks.logs.speakers import Speaker, ids_of, shortened, speakers_of

logger = logging.getLogger(__name__)

MOST_BYTES = 8 << 20
"""Bytes of all lines that wait for a watcher."""

LOOK_SECONDS = 3.0
"""Seconds between two looks for containers that have come to the stack."""

LONGEST_WAIT = 1.0

BROKEN_OFF = "Its log is not followed any more because of an error; the program’s log says which."

MOST_LINES = 1000
"""Lines that are told at once."""


@dataclass
class Heard:
    """What has come since the last time: lines by time, how many not, and what happened."""

    lines: list[Spoken] = field(default_factory=list)
    left_out: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, speaker: Speaker, delivery: Delivery) -> None:
        self.lines += [(speaker, line) for line in delivery.lines]
        if delivery.left_out == UNCOUNTED or self.left_out == UNCOUNTED:
            self.left_out = UNCOUNTED
        else:
            self.left_out += delivery.left_out
        if delivery.note:
            self.notes.append(f"{speaker.name}: {delivery.note}")


class StackFollower:
    """One who reads the logs of a stack. Use `deliveries`."""

    def __init__(
        self,
        stack: str,
        service: str,
        options: LogOptions,
        positions: Positions,
        *,
        follow: bool = True,
    ) -> None:
        self._stack, self._service, self._options = stack, service, options
        self.positions = dict(positions)
        self._follow = follow and not options.until
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._known: set[str] = set()
        self._waiting: asyncio.Queue[tuple[Speaker, Delivery]] = asyncio.Queue(1)

    async def deliveries(self) -> AsyncGenerator[Heard, None]:
        """What there is to be told. Raise what `speakers_of` raises when it begins."""
        speakers = await self._speakers()
        looking = asyncio.create_task(self._look(speakers))
        try:
            while not (looking.done() and self._all_ended() and self._waiting.empty()):
                if looking.done():
                    looking.result()
                heard = await self._taken()
                if heard.lines or heard.notes:
                    yield replace(heard, lines=in_order(heard.lines))
            looking.result()
        finally:
            tasks = [looking, *self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _speakers(self) -> list[Speaker]:
        return (await sync_to_async(speakers_of)(self._stack, self._service)).chosen

    async def _look(self, speakers: list[Speaker]) -> None:
        """Follow everyone that there is, and those that come later."""
        self._listen_to(speakers)
        self._known = {speaker.id for speaker in speakers}
        while self._follow:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                there = await sync_to_async(ids_of)(self._stack)
                if there - self._known:
                    self._listen_to(await self._speakers())
                    self._known = there
            except Problem:
                continue  # all of it is gone, or the Engine is away: it may come back
            self._let_go_of_all_but(there)

    def _let_go_of_all_but(self, there: set[str]) -> None:
        """Forget who is gone and has said its last: where tasks crash in a loop, all are new."""
        self._tasks = {
            key: task for key, task in self._tasks.items() if key in there or not task.done()
        }
        kept = {shortened(key) for key in there | self._tasks.keys()}
        self.positions = {key: known for key, known in self.positions.items() if key in kept}

    def _listen_to(self, speakers: list[Speaker]) -> None:
        for speaker in speakers:
            if speaker.id not in self._tasks:
                share = MOST_BYTES // max(len(speakers), 1)
                listening = self._listen(speaker, share)
                self._tasks[speaker.id] = asyncio.create_task(listening)

    async def _listen(self, speaker: Speaker, most_bytes: int) -> None:
        after = self.positions.get(speaker.short_id, {})
        options = replace(self._options, after=after)
        follower = Follower(speaker.inspect, options, follow=self._follow, most_bytes=most_bytes)
        try:
            async with aclosing(follower.deliveries()) as deliveries:
                async for delivery in deliveries:
                    await self._waiting.put((speaker, delivery))
        except NotFound:
            return
        except Problem as problem:
            await self._waiting.put((speaker, Delivery([], note=str(problem))))
            if isinstance(problem, EngineUnreachable):
                self._forget(speaker)
        except Exception:
            logger.exception("The log of %s was broken off", speaker.name)
            await self._waiting.put((speaker, Delivery([], note=BROKEN_OFF)))

    def _forget(self, speaker: Speaker) -> None:
        """Have a container followed again, from where its log is known, once the Engine is back."""
        self._known.discard(speaker.id)
        del self._tasks[speaker.id]

    def _all_ended(self) -> bool:
        return all(task.done() for task in self._tasks.values())

    async def _taken(self) -> Heard:
        """Everything that comes within a moment, once something does; nothing after a second."""
        heard, clock = Heard(), asyncio.get_running_loop().time
        until = clock() + LONGEST_WAIT
        while (left := until - clock()) > 0:
            try:
                async with asyncio.timeout(left):
                    speaker, delivery = await self._waiting.get()
            except TimeoutError:
                break
            until = min(until, clock() + INTERVAL)
            heard.add(speaker, delivery)
            if delivery.position:
                self.positions[speaker.short_id] = delivery.position
            if len(heard.lines) >= MOST_LINES:
                break
        return heard

"""One listener for all pages that are open: it hears of changes, and they are told of them.

However many pages there are, it listens once in a process, and only while there is one. A page
that hears of a change fetches what it shows: what that is depends on what is searched for, sorted
by and selected there. A burst of changes is one change.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from containermonkey.problems import Problem
from jobs.mailbox import Mailbox
from jobs.rendering import Frame, event

logger = logging.getLogger(__name__)

QUIET_SECONDS = 1.0
"""A change is told at once, and those that follow it together, this long afterwards."""

FIRST_WAIT, LONGEST_WAIT = 0.5, 10.0
"""Seconds before the Engine is asked again after it was lost; doubled each time."""


class Listener(ABC):
    """The listener and those who watch. `told` is the name of what pages are told."""

    told: str

    def __init__(self) -> None:
        self._mailboxes: set[Mailbox] = set()
        self._listener: asyncio.Task[None] | None = None
        self._teller: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._wait = FIRST_WAIT

    @contextmanager
    def filling(self, mailbox: Mailbox) -> Iterator[None]:
        """Fill a mailbox while the block lasts."""
        self._mailboxes.add(mailbox)
        if self._listener is None or self._teller is None:
            self._changed = asyncio.Event()
            self._listener = asyncio.create_task(self._listen())
            self._teller = asyncio.create_task(self._tell())
        else:
            # What happened between the making of a page and this moment has been told to nobody.
            mailbox.put(self.news)
        try:
            yield
        finally:
            self._mailboxes.discard(mailbox)
            if not self._mailboxes:
                self._listener.cancel()
                self._teller.cancel()
                self._listener = self._teller = None
                self.lost()
                self.left()

    @property
    def news(self) -> Frame:
        """What pages are told of a change."""
        return event(self.told)

    async def look(self) -> None:  # noqa: B027 - the news of most are a word
        """Look at what has changed, where the news say more than that something has."""

    @abstractmethod
    async def hear(self) -> None:
        """Hear what happens until the connection is lost; call `alive` and `changed` meanwhile."""

    def lost(self) -> None:  # noqa: B027 - few have anything to forget
        """Nothing is heard any more, or for a while."""

    def left(self) -> None:  # noqa: B027 - see above
        """Nobody watches any more."""

    def alive(self) -> None:
        """Something was heard: the next time it is lost, it is asked again soon."""
        self._wait = FIRST_WAIT

    def changed(self) -> None:
        """Have the pages told that something has changed."""
        self._changed.set()

    async def _listen(self) -> None:
        self._wait = FIRST_WAIT
        while True:
            try:
                await self.hear()
            except Problem as problem:
                logger.info("The Engine's events are not heard: %s", problem)
            except Exception:  # pages would take what they have for everything, and never ask
                logger.exception("The Engine's events could not be heard")
            self.lost()
            self.changed()  # pages say it, too
            await asyncio.sleep(self._wait)
            self._wait = min(self._wait * 2, LONGEST_WAIT)

    async def _tell(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self.look()
            news = self.news  # made once, however many pages there are
            for mailbox in self._mailboxes:
                mailbox.put(news)
            await asyncio.sleep(QUIET_SECONDS)

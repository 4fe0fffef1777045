"""Tells pages that containers or their networks have changed, from one subscription to the events.

However many pages are open, the Engine is listened to once in a process, and only while there is
one. A page that hears of a change fetches what it shows: what that is depends on what is searched
for, sorted by and selected there. A burst of changes is one change.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from containermonkey.problems import Problem
from engine.events import events
from jobs.mailbox import Mailbox
from jobs.rendering import event

logger = logging.getLogger(__name__)

CONTAINERS_CHANGED = "containers-changed"

UNSEEN = ("exec_", "top", "attach", "detach", "resize", "archive-path", "extract-to-dir", "export")
"""The beginnings of what changes nothing that is shown; healthchecks alone are three a minute."""

QUIET_SECONDS = 1.0
"""A change is told at once, and those that follow it together, this long afterwards."""

FIRST_WAIT, LONGEST_WAIT = 0.5, 10.0
"""Seconds before the Engine is asked again after it was lost; doubled each time."""


class ContainerFeed:
    """The listener and those who watch."""

    def __init__(self) -> None:
        self._mailboxes: set[Mailbox] = set()
        self._listener: asyncio.Task[None] | None = None
        self._teller: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

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
            mailbox.put(event(CONTAINERS_CHANGED))
        try:
            yield
        finally:
            self._mailboxes.discard(mailbox)
            if not self._mailboxes:
                self._listener.cancel()
                self._teller.cancel()
                self._listener = self._teller = None

    async def _listen(self) -> None:
        wait = FIRST_WAIT
        while True:
            try:
                # What happened before, or while it was lost, is not told afterwards.
                async for happened in events(self._changed.set, type=["container", "network"]):
                    wait = FIRST_WAIT
                    if not str(happened.get("Action", "")).startswith(UNSEEN):
                        self._changed.set()
            except Problem as problem:
                logger.info("The Engine's events are not heard: %s", problem)
            self._changed.set()  # pages say it, too
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _tell(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            for mailbox in self._mailboxes:
                mailbox.put(event(CONTAINERS_CHANGED))
            await asyncio.sleep(QUIET_SECONDS)


feed = ContainerFeed()

"""Hears what happens on the host while any page is open; only the newest of a burst are kept."""

import asyncio
from datetime import UTC, datetime

from engine import engine
from engine.client import current_url
from engine.events import events, past_events
from jobs.listening import Listener
from system.events.store import Store, current_store

EVENTS_CHANGED = "events-changed"

BREATH = 200
"""Events of a burst after which others have their turn."""


class EventFeed(Listener):
    told = EVENTS_CHANGED

    def __init__(self) -> None:
        super().__init__()
        self._hears = ""
        self._count = 0

    @property
    def is_listening(self) -> bool:
        """Whether nothing that happens on the current Engine escapes now."""
        return self._hears == current_url()

    async def hear(self) -> None:
        store = current_store()
        since = await asyncio.to_thread(fetch_past, store)
        async for happened in events(self._opened, since=since):
            self.alive()
            await self._keep(store, happened)

    def lost(self) -> None:
        self._hears = ""

    def _opened(self) -> None:
        self._hears = current_url()
        self.changed()

    async def _keep(self, store: Store, happened: dict[str, object]) -> None:
        store.heard_at = datetime.now(UTC)
        if store.add([happened]):
            self.changed()
        self._count += 1
        if self._count % BREATH == 0:
            await asyncio.sleep(0)  # a block of the Engine's holds hundreds, without a pause


def fetch_past(store: Store) -> int:
    """Fetch what the Engine still has; its time at that moment, in nanoseconds.

    Raise EngineUnreachable.
    """
    with engine() as docker:
        told, now = past_events(docker)
    store.add(told)
    store.heard_at = datetime.now(UTC)
    return now


feed = EventFeed()

"""The events that were heard, in this process's memory, however many happen."""

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from engine.client import current_url
from engine.identity import is_hidden, is_ours
from system.events.types import Event, Key, event_of

MOST = 5000
"""Events that are kept, the newest; at 2 KiB each at most."""

MOST_HELPERS = 500

NOISE = ("exec_", "resize")
"""The beginnings of what is left out: health checks and consoles, many times a minute."""


class Store:
    """The newest events of one Engine. Filled by its listener, read by pages in their threads."""

    def __init__(self) -> None:
        self._events: OrderedDict[Key, Event] = OrderedDict()
        self._helpers: deque[str] = deque(maxlen=MOST_HELPERS)
        self._lock = threading.Lock()
        self.heard_at: datetime | None = None

    def add(self, told: Iterable[dict[str, Any]]) -> bool:
        """Add events as the Engine's JSON; tell whether any was new and is shown."""
        changed = False
        for each in told:
            event = event_of(each)
            if event.action.startswith(NOISE) or self._is_ours(event, each):
                continue
            with self._lock:
                if event.key in self._events:
                    continue
                self._events[event.key] = event
                if len(self._events) > MOST:
                    self._events.popitem(last=False)
            changed = True
        return changed

    def _is_ours(self, event: Event, told: dict[str, Any]) -> bool:
        """Whether it is about this program or a helper of it, which are left out of lists too."""
        labels = (told.get("Actor") or {}).get("Attributes") or {}
        if is_hidden(event.actor_id, labels):
            if event.type == "container" and is_ours(event.actor_id, labels):
                self._helpers.append(event.actor_id)
            return True
        return event.attributes.get("container") in self._helpers

    def newest_first(self) -> list[Event]:
        with self._lock:
            known = list(self._events.values())
        return sorted(known, key=lambda event: event.nanoseconds, reverse=True)


_stores: dict[str, Store] = {}


def current_store() -> Store:
    """The store of the current Engine."""
    return _stores.setdefault(current_url(), Store())

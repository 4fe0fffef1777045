"""How many there are of each kind, as the sidebar says it on every page, and what is in trouble.

Counted as for the dashboard whenever something has changed on the host, once for all pages that
are open. No page waits for it: it comes with what is known at that moment.
"""

import asyncio
import logging
from datetime import timedelta

from django.template.loader import render_to_string
from django.utils import timezone

from containers.live.feed import is_seen
from engine import contact
from engine.client import current_url
from engine.events import events
from jobs.listening import Listener
from jobs.rendering import Frame, content, in_place
from system.dashboard import services
from system.dashboard.types import Host

logger = logging.getLogger(__name__)

COUNTED = "counted"

FRESH = timedelta(seconds=10)
"""How old figures may be that nobody keeps up to date, as where scripts are off."""

SETTLED_SECONDS = 2.0
"""After the last change it is counted once more: an Engine 20.10 says that a container has ended
before its list does, and on a busy host the list may be late."""

KINDS = ["container", "image", "volume", "network", "service"]

COUNTS = ("containers", "stacks", "images", "volumes", "networks")
TROUBLE = "home"
"""The entry of the sidebar that says how many containers are in trouble: they stand there."""


class CountFeed(Listener):
    """Counts, and tells pages; `host` is what was counted last, None while nobody watches.

    While the Engine is away it stays: the frame says since when what is shown may be old.
    """

    told = COUNTED

    def __init__(self) -> None:
        super().__init__()
        self.host: Host | None = None
        self._again: asyncio.TimerHandle | None = None

    @property
    def news(self) -> Frame:
        return frame_of(self.host)

    async def hear(self) -> None:
        async for happened in events(self.changed, type=KINDS):
            self.alive()
            if is_seen(happened):
                self.changed()
                if self._again:
                    self._again.cancel()
                loop = asyncio.get_running_loop()
                self._again = loop.call_later(SETTLED_SECONDS, self.changed)

    async def look(self) -> None:
        try:
            self.host, _ = await asyncio.to_thread(services.latest_host)
        except Exception:  # nobody would tell of changes any more
            logger.exception("What the Docker host has could not be counted")

    def left(self) -> None:
        self.host = None


def figures_of(host: Host | None) -> dict[str, int | None]:
    """By the entry of the sidebar; None where it is not known."""
    if host is None:
        return dict.fromkeys([*COUNTS, TROUBLE])
    totals: dict[str, int | None] = {kind: getattr(host, kind).total for kind in COUNTS}
    return totals | {TROUBLE: len(host.trouble)}


def at_hand() -> dict[str, int | None]:
    """What is known without asking anybody; old figures only where the frame says that they are."""
    if feed.host or contact.loss(current_url()):
        return figures_of(feed.host or services.seen_last())
    host = services.seen_last()
    return figures_of(host if host and timezone.now() - host.read_at <= FRESH else None)


def frame_of(host: Host | None) -> Frame:
    html = "".join(
        in_place(f"#count-{key}", render_to_string("partials/count.html", {"of": key, "n": n}))
        for key, n in figures_of(host).items()
    )
    return Frame(COUNTED, content(html))


feed = CountFeed()

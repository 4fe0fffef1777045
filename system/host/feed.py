"""The top bar's figures: read once for everybody who has a page open, and told every 5 seconds."""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string

from jobs.mailbox import Mailbox
from jobs.rendering import Frame, content, in_place
from system.host.services import latest
from system.host.types import Seen

logger = logging.getLogger(__name__)

INTERVAL = 5.0


class HostFeed:
    """The reader and those who watch: pages, and programs, which get figures alone."""

    def __init__(self) -> None:
        self._mailboxes: dict[Mailbox, bool] = {}
        self._reader: asyncio.Task[None] | None = None

    @contextmanager
    def filling(self, mailbox: Mailbox) -> Iterator[None]:
        """Fill the mailbox of a page while the block lasts."""
        with self._filled(mailbox, for_programs=False):
            yield

    @contextmanager
    def filling_for_programs(self, mailbox: Mailbox) -> Iterator[None]:
        """The same for somebody who watches the host and nothing else."""
        with self._filled(mailbox, for_programs=True):
            yield

    @contextmanager
    def _filled(self, mailbox: Mailbox, *, for_programs: bool) -> Iterator[None]:
        self._mailboxes[mailbox] = for_programs
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())
        try:
            yield
        finally:
            del self._mailboxes[mailbox]
            if not self._mailboxes:
                self._reader.cancel()
                self._reader = None

    async def _read(self) -> None:
        while True:
            try:
                plain, with_figures = frames_of(await asyncio.to_thread(latest))
            except Exception:  # nobody would begin again while a page is open
                logger.exception("What the Docker host uses could not be read")
            else:
                for mailbox, for_programs in self._mailboxes.items():
                    mailbox.put(with_figures if for_programs else plain)
            await asyncio.sleep(INTERVAL)


def frames_of(seen: Seen) -> tuple[Frame, Frame]:
    """What pages are told, whose programs hear of jobs alone, and what `/ws/system` is."""
    meters = render_to_string("system/host_meters.html", {"seen": seen})
    html = content(in_place("#host-meters", meters))
    figures = None
    if seen.stats and not seen.problem:
        figures = json.dumps(asdict(seen.stats), cls=DjangoJSONEncoder)
    return Frame("host", html), Frame("host", html, figures)


feed = HostFeed()

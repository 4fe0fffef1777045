"""The socket that every page holds: over it jobs and containers are watched."""

import asyncio
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer

from accounts.audit import current_actor
from accounts.rights import right_for
from jobs.mailbox import Mailbox
from jobs.sources import Source, sources


class ProgressConsumer(AsyncWebsocketConsumer):
    """Sends what changes in the queue and on the host.

    Fragments and names of events to pages, with `?format=json` Progress objects to programs.
    What the other side sends is not listened to.
    """

    sender: asyncio.Task[None] | None = None

    def sources(self) -> list[Source]:
        return sources()

    async def connect(self) -> None:
        asked = parse_qs(self.scope["query_string"].decode("latin-1"))
        await self.accept()
        self.sender = asyncio.create_task(self.send_changes(asked.get("format") == ["json"]))

    async def disconnect(self, code: int) -> None:
        if self.sender is not None:
            self.sender.cancel()

    async def receive(self, **received: Any) -> None:
        return

    async def send_changes(self, as_json: bool) -> None:
        mailbox = Mailbox()
        only_looks = right_for("job.cancel") not in current_actor().rights
        with ExitStack() as open_sources:
            for source in self.sources():
                open_sources.enter_context(source(mailbox))
            while True:
                for frame in await mailbox.take():
                    fragment = (only_looks and frame.for_viewers) or frame.html
                    text = frame.data if as_json else fragment
                    if text is not None:
                        await self.send(text)

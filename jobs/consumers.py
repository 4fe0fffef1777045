"""The socket that every page holds: over it jobs and containers are watched."""

import asyncio
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer

from jobs.mailbox import Mailbox
from jobs.sources import sources


class ProgressConsumer(AsyncWebsocketConsumer):
    """Sends what changes in the queue and on the host.

    Fragments and names of events to pages, with `?format=json` Progress objects to programs.
    What the other side sends is not listened to.
    """

    sender: asyncio.Task[None] | None = None

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
        with ExitStack() as open_sources:
            for source in sources():
                open_sources.enter_context(source(mailbox))
            while True:
                for frame in await mailbox.take():
                    text = frame.data if as_json else frame.html
                    if text is not None:
                        await self.send(text)

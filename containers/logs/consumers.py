"""The socket over which a log is followed."""

import asyncio
import json
from contextlib import aclosing
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from containermonkey.problems import Problem
from containers.logs.following import Follower
from containers.logs.options import LogOptions
from containers.logs.rendering import frame, json_lines
from containers.logs.services import inspected

CLOSED_FOR_A_PROBLEM = 4000
"""To this the status of the problem is added: 4404 is a container that is not there."""

NO = ("0", "false", "no", "off")


class LogConsumer(AsyncWebsocketConsumer):
    """Sends the lines of one container's log: fragments to pages, with `?format=json` JSON lines.

    Query: `tail`, `since`, `until`, `search`, `timestamps`, `follow` (no: only what there is), and
    `after`, the time of the last line known. What the other side sends is not listened to.
    """

    sender: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        await self.accept()
        self.sender = asyncio.create_task(self.send_lines())

    async def disconnect(self, code: int) -> None:
        if self.sender is not None:
            self.sender.cancel()

    async def receive(self, **received: Any) -> None:
        return

    async def send_lines(self) -> None:
        asked = parse_qs(self.scope["query_string"].decode("latin-1"))
        words = {name: values[0] for name, values in asked.items()}
        try:
            options = LogOptions.of(words)
            reference = self.scope["url_route"]["kwargs"]["reference"]
            inspect = await sync_to_async(inspected)(reference)
            follower = Follower(inspect, options, follow=words.get("follow") not in NO)
            async with aclosing(follower.deliveries()) as deliveries:
                async for delivery in deliveries:
                    if words.get("format") == "json":
                        await self.send(json_lines(delivery))
                    else:
                        await self.send(frame(delivery, options.search))
        except Problem as problem:
            await self.send(json.dumps(problem.as_dict(), default=str))
            await self.close(CLOSED_FOR_A_PROBLEM + problem.status)
        except OSError:
            return  # the browser is gone, or takes nothing any more
        else:
            await self.close()

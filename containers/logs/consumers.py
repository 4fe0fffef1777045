"""The sockets over which logs are followed."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from containermonkey.problems import Problem
from containermonkey.sockets import DEFECT, FOR_A_PROBLEM
from containers.logs.following import Follower
from containers.logs.options import LogOptions
from containers.logs.rendering import frame, json_lines
from containers.logs.services import inspected

logger = logging.getLogger(__name__)

NO = ("0", "false", "no", "off")


class LinesConsumer(AsyncWebsocketConsumer):
    """Sends lines as they come, and closes after the last; what the other side says is not heard.

    A problem is sent as JSON before the end.
    """

    sender: asyncio.Task[None] | None = None

    def messages(self, words: Mapping[str, str]) -> AsyncGenerator[str, None]:
        """What is sent for the words of the query. May raise problems."""
        raise NotImplementedError

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
            async with aclosing(self.messages(words)) as messages:
                async for message in messages:
                    await self.send(message)
        except Problem as problem:
            await self.send(json.dumps(problem.as_dict(), default=str))
            await self.close(FOR_A_PROBLEM + problem.status)
        except OSError:
            return  # the browser is gone, or takes nothing any more
        except Exception:
            # Nobody awaits this task: left to itself, the page would go on saying that it follows.
            logger.exception("What a socket sends was broken off")
            await self.close(DEFECT)
        else:
            await self.close()


class LogConsumer(LinesConsumer):
    """Sends the lines of one container's log: fragments to pages, with `?format=json` JSON lines,
    each as a message.

    Query: `tail`, `since`, `until`, `search`, `follow` (no: only what there is), and `after`, the
    time of the last line known.
    """

    async def messages(self, words: Mapping[str, str]) -> AsyncGenerator[str, None]:
        options = LogOptions.of(words)
        inspect = await sync_to_async(inspected)(self.scope["url_route"]["kwargs"]["reference"])
        follower = Follower(inspect, options, follow=words.get("follow") not in NO)
        async with aclosing(follower.deliveries()) as deliveries:
            async for delivery in deliveries:
                if words.get("format") == "json":
                    for line in json_lines(delivery):
                        yield line
                else:
                    yield frame(delivery, options.search)

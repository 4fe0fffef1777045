"""A terminal without a browser: the socket, what came through it, and what is typed into it."""

import asyncio
import json
from typing import Any
from urllib.parse import quote, urlencode

from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from containers.console.routing import urlpatterns

PATIENCE = 10


class Socket(WebsocketCommunicator):
    """Somebody's console; who may have one is not this one's subject."""

    def __init__(self, container: str, person: Any, /, **query: Any) -> None:
        path = f"/ws/containers/{quote(container)}/exec?{urlencode(query)}"
        super().__init__(URLRouter(urlpatterns), path)
        self.scope["user"] = person
        self.seen = b""
        self.said: list[dict] = []
        self.code: int | None = None

    async def __aenter__(self) -> "Socket":
        connected, _ = await self.connect(timeout=PATIENCE)
        assert connected
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.disconnect(timeout=PATIENCE)

    async def type(self, text: str | bytes) -> None:
        await self.send_to(bytes_data=text.encode() if isinstance(text, str) else text)

    async def tell(self, **message: Any) -> None:
        await self.send_to(text_data=json.dumps(message))

    async def step(self, timeout: float = PATIENCE) -> None:
        """Take the next frame."""
        frame = await self.receive_output(timeout)
        if frame["type"] == "websocket.close":
            self.code = frame.get("code", 1000)
        elif frame.get("bytes") is not None:
            self.seen += frame["bytes"]
        else:
            self.said.append(json.loads(frame["text"]))

    async def see(self, text: str | bytes) -> bytes:
        """Take frames until this has come; what came before it, and forget both."""
        wanted = text.encode() if isinstance(text, str) else text
        async with asyncio.timeout(PATIENCE):
            while wanted not in self.seen:
                assert self.code is None, (self.seen, self.said)
                await self.step()
        before, _, self.seen = self.seen.partition(wanted)
        return before

    async def end(self) -> dict:
        """Take frames until it closes; the last thing that it was told."""
        async with asyncio.timeout(PATIENCE):
            while self.code is None:
                await self.step()
        return self.said[-1]

"""A terminal without a browser: the socket, what came through it, and what is typed into it."""

import asyncio
import json
from typing import Any
from urllib.parse import quote, urlencode

from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from containermonkey.asgi import application
from containers.console.routing import urlpatterns

PATIENCE = 60
"""Seconds for what comes in a moment, on a machine that is busy."""


class Socket(WebsocketCommunicator):
    """Somebody's console; who may have one is not this one's subject."""

    def __init__(self, container: str, person: Any, /, **query: Any) -> None:
        super().__init__(URLRouter(urlpatterns), address(container, query))
        self.scope["user"] = person
        self.begin()

    def begin(self) -> None:
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


class GuardedSocket(Socket):
    """The same through all that stands before it in the program, by the cookie of a session."""

    def __init__(self, container: str, session: str, /, **query: Any) -> None:
        headers = [
            (b"cookie", f"sessionid={session}".encode()),
            (b"host", b"testserver"),
            (b"origin", b"http://testserver"),
        ]
        super(Socket, self).__init__(application, address(container, query), headers=headers)
        self.begin()

    async def closed(self) -> int:
        """Take frames until it is closed from the other side; with which code."""
        async with asyncio.timeout(PATIENCE):
            while self.code is None:
                await self.step()
        return self.code


def address(container: str, query: dict[str, Any]) -> str:
    return f"/ws/containers/{quote(container)}/exec?{urlencode(query)}"

"""The HTTP application: Django's, but that uploads are read while they arrive.

Django's own handler puts every body into a temporary file before anything looks at it, however
large and whoever sends it. Here the body of an upload comes to the view's thread through a buffer
of a few pieces; while that is full, the server reads no more from the client. Any other body has
to be small.
"""

import asyncio
import io
import threading
import time
from collections import deque
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.asgi import ASGIHandler

from containermonkey.asgi_types import Message, Receive, Scope, Send
from containermonkey.uploads import takes_files

PIECE = 1 << 16
MOST_WAITING = 2 << 20
"""Bytes that may lie between the client and the view."""

LARGEST = 4 << 20
"""Bytes of a body that is no upload: twice what a view may read, for what it is wrapped in."""

SILENCE = 120.0
"""Seconds without a byte after which a client has left without a word."""

SLOWEST = 1024
"""Bytes a second that an upload brings at least, over all the time that is waited for it."""

SMALL_BODY_SECONDS = 60.0
"""In which a body that is no upload has to be there."""


class BodyTooLarge(Exception):
    """More comes than any address takes that takes no uploads."""


class BodyTooSlow(Exception):
    """A small body is not there in time."""


class ArrivingBody(io.RawIOBase):
    """The body of a request as a file for a thread, filled by the event loop."""

    def __init__(self, receive: Receive) -> None:
        super().__init__()
        self._receive, self._loop = receive, asyncio.get_running_loop()
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._waited, self._taken = 0.0, 0
        self._changed = threading.Condition()
        self._room = asyncio.Event()
        self._is_whole = self._is_lost = False

    async def fill(self) -> None:
        """Take the body from the server, no faster than it is read."""
        try:
            while not self._is_whole:
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    break
                with self._changed:
                    self._is_whole = not message.get("more_body", False)
                    self._add(message.get("body", b""))
                await self._room.wait()
        finally:
            if not self._is_whole:
                self._abandon()

    def _add(self, piece: bytes) -> None:
        if piece:
            self._pieces.append(piece)
            self._waiting += len(piece)
        self._room.clear() if self._waiting > MOST_WAITING else self._room.set()
        self._changed.notify_all()

    def read(self, size: int = -1) -> bytes:
        """What has arrived, at most `size` bytes; waits for the first of them, b"" is the end.

        Without a size the whole, which must not be large. Raise OSError if the client has left.
        """
        if size < 0:
            return self._read_small()
        with self._changed:
            if not self._wait() or self._is_lost:
                raise ConnectionResetError("the client has left")
            return self._take(size)

    def _wait(self) -> bool:
        """Wait for news; false where none come, or too little for the time that it all took."""
        began = time.monotonic()
        patience = SILENCE + self._taken / SLOWEST - self._waited
        is_ready = self._changed.wait_for(self._has_news, min(SILENCE, patience))
        self._waited += time.monotonic() - began
        return is_ready

    def _has_news(self) -> bool:
        return bool(self._pieces) or self._is_whole or self._is_lost

    def _take(self, size: int) -> bytes:
        taken: list[bytes] = []
        while size and self._pieces:
            piece = self._pieces.popleft()
            if len(piece) > size:
                self._pieces.appendleft(piece[size:])
                piece = piece[:size]
            taken.append(piece)
            size -= len(piece)
            self._waiting -= len(piece)
            self._taken += len(piece)
        if self._waiting <= MOST_WAITING:
            self._loop.call_soon_threadsafe(self._room.set)
        return b"".join(taken)

    def _read_small(self) -> bytes:
        whole = b""
        while piece := self.read(PIECE):
            whole += piece
            if len(whole) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
                raise RequestDataTooBig("The body is too large to be read at once.")
        return whole

    def _abandon(self) -> None:
        """Have whoever still reads find that the client has left."""
        with self._changed:
            self._is_lost = True
            self._changed.notify_all()

    async def __call__(self) -> Message:
        """In place of `receive`, where Django listens for the client's leaving: it never hears.

        The thread that reads the body finds out by itself, and must not be left alone by then.
        """
        await asyncio.Future()
        raise AssertionError("nothing ends this wait but its cancelling")


class StreamingHandler(ASGIHandler):
    """Django, with the body of an upload as a stream."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST" or not takes_files(scope["path"]):
            await self.handle_small(scope, receive, send)
            return
        body = ArrivingBody(receive)
        filling = asyncio.create_task(body.fill())
        try:
            await super().handle(scope, body, send)
        finally:
            filling.cancel()

    async def handle_small(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().handle(scope, bounded(receive), send)
        except (BodyTooLarge, BodyTooSlow) as problem:
            from containermonkey.api import error_response

            answer = error_response(413 if isinstance(problem, BodyTooLarge) else 408)
            answer["Connection"] = "close"
            await self.send_response(answer, send)

    async def read_body(self, receive: Receive) -> Any:
        return receive if isinstance(receive, ArrivingBody) else await super().read_body(receive)


def bounded(receive: Receive) -> Receive:
    """The messages of a client. Raise BodyTooLarge or BodyTooSlow for what is no small body."""
    size, is_whole = 0, False
    end = asyncio.get_running_loop().time() + SMALL_BODY_SECONDS

    async def within_bounds() -> Message:
        nonlocal size, is_whole
        try:
            # What comes after the body is the client's leaving, which may take its time.
            async with asyncio.timeout_at(None if is_whole else end):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlow from None
        is_whole = not message.get("more_body", False)
        size += len(message.get("body", b""))
        if size > LARGEST:
            raise BodyTooLarge
        return message

    return within_bounds

"""What may be under way between a browser and a program, in either direction, and no more."""

import asyncio

from containermonkey.problems import Invalid, TooLarge

INBOX_LIMIT = 4 << 20
"""Bytes that may wait for a program that does not read."""

INBOX_PATIENCE = 10.0
"""Seconds that somebody who types still more is kept waiting. Meanwhile the socket is not read,
so its end would not be noticed."""

PIECE = 32 << 10

WINDOW = 256 << 10
"""Bytes that may be sent to somebody who acknowledges before they do. More of it would be in the
way of what comes after a Ctrl-C."""


WINDOW_PATIENCE = 120.0
"""Seconds without a sign of somebody who acknowledges. While nobody takes what a program says, the
Engine does not notice its end, nor that of its container."""


class Inbox:
    """What is typed and not yet taken by the program, in order."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._filled, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()

    @property
    def is_empty(self) -> bool:
        """Whether all that was typed is taken, and on its way before what is typed next."""
        return not self._waiting

    async def put(self, content: bytes) -> None:
        """Add what is typed. Raise TooLarge where too much waits for too long."""
        if not self._room.is_set():
            await self._wait()
        self._waiting += content
        self._filled.set()
        if len(self._waiting) >= INBOX_LIMIT:
            self._room.clear()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(INBOX_PATIENCE):
                await self._room.wait()
        except TimeoutError:
            raise TooLarge("More is typed than the program takes.") from None

    async def take(self) -> bytes:
        """The next piece of it, as soon as there is any."""
        await self._filled.wait()
        piece = bytes(self._waiting[:PIECE])
        del self._waiting[:PIECE]
        if not self._waiting:
            self._filled.clear()
        if len(self._waiting) < INBOX_LIMIT:
            self._room.set()
        return piece


class Window:
    """How much was sent and not acknowledged; without a limit for who never acknowledges."""

    def __init__(self) -> None:
        self._acknowledges = False
        self._under_way = 0
        self._room = asyncio.Event()
        self._room.set()

    async def take(self, count: int) -> None:
        """Wait until more may be sent, and count what will be.

        Raise TooLarge where that takes too long.
        """
        if not self._room.is_set():
            await self._wait()
        self._under_way += count
        self._settle()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(WINDOW_PATIENCE):
                await self._room.wait()
        except TimeoutError:
            raise TooLarge("Nothing of what the program says is taken any more.") from None

    def acknowledge(self, count: object) -> None:
        """Raise Invalid for what is no number of bytes."""
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise Invalid("An ack has the number of bytes that were taken.")
        self._acknowledges = True
        self._under_way = max(0, self._under_way - count)
        self._settle()

    def _settle(self) -> None:
        if self._acknowledges and self._under_way >= WINDOW:
            self._room.clear()
        else:
            self._room.set()

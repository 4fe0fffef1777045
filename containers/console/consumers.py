"""The socket between a terminal in a browser and a program in a container."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer

from containermonkey.problems import Conflict, Invalid, Problem, TooLarge
from containers.console.flow import Inbox, Window
from containers.console.options import Program, Size
from containers.console.terminal import Terminal, open_terminal

MOST_FOR_ONE = 50
"""Consoles that one person may have open at once."""

LARGEST_MESSAGE = 1 << 20
LARGEST_TEXT = 1 << 10

CLOSED_FOR_A_PROBLEM = 4000
"""To this the status of the problem is added: 4404 is a container that is not there."""

END_PATIENCE = 4
"""Seconds that a socket stays for the end of its program; that goes on without it."""

_open: Counter[int] = Counter()


class ConsoleConsumer(AsyncWebsocketConsumer):
    """Binary frames are the terminal's bytes, both ways; text frames are JSON.

    From the other side `{"type": "resize", "cols", "rows"}`, and `{"type": "ack", "bytes"}`: who
    sends the latter, at first of 0 bytes, is never sent much more than it has acknowledged. To it
    `{"type": "exit", "code"}` or `{"type": "error", "message"}`, and then the socket closes.
    """

    life: asyncio.Task[None] | None = None
    terminal: Terminal | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Also where the socket is ended from above, as at sign-out, and nobody says so here.
            self.hang_up()

    async def connect(self) -> None:
        self.inbox, self.window = Inbox(), Window()
        self.size: Size | None = None
        await self.accept()
        self.life = asyncio.create_task(self.live())

    async def disconnect(self, code: int) -> None:
        if closing := self.hang_up():
            await asyncio.wait({closing}, timeout=END_PATIENCE)

    def hang_up(self) -> asyncio.Task[None] | None:
        """End what runs; the task that sees to it, if anything was started."""
        if self.life is not None:
            self.life.cancel()
        return self.terminal.close() if self.terminal else None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            if bytes_data is not None:
                await self.typed(bytes_data)
            elif text_data is not None:
                self.told(text_data)
        except Problem as problem:
            await self.refuse(problem)
            self.hang_up()

    async def typed(self, content: bytes) -> None:
        if len(content) > LARGEST_MESSAGE:
            raise TooLarge("So much cannot be typed at once.")
        await self.inbox.put(content)

    def told(self, text: str) -> None:
        message = understood(text)
        if message["type"] == "resize":
            self.size = Size.of(message.get("cols"), message.get("rows"))
            if self.terminal:
                self.terminal.resize(self.size)
        elif message["type"] == "ack":
            self.window.acknowledge(message.get("bytes"))

    async def live(self) -> None:
        try:
            with seat_of(self.scope["user"].pk):
                await self.run()
        except Problem as problem:
            await self.refuse(problem)
        except OSError:
            return  # what a server says of a browser that is gone

    async def run(self) -> None:
        reference = self.scope["url_route"]["kwargs"]["reference"]
        program, size = asked_for(self.scope["query_string"])
        terminal = self.terminal = await open_terminal(reference, program, size)
        if self.size:
            terminal.resize(self.size)
        typist = asyncio.create_task(self.type_into(terminal))
        try:
            async for block in terminal.output():
                await self.window.take(len(block))
                await self.send(bytes_data=block)
            outcome = await terminal.outcome()
        finally:
            typist.cancel()
            terminal.close()
        message: dict[str, Any] = {"type": "exit", "code": outcome.code}
        if outcome.reason:
            message["message"] = outcome.reason
        await self.send(json.dumps(message))
        await self.close()

    async def type_into(self, terminal: Terminal) -> None:
        while True:
            try:
                await terminal.type(await self.inbox.take())
            except Problem:
                return  # the end of the output says the same

    async def refuse(self, problem: Problem) -> None:
        await self.send(json.dumps({"type": "error", "message": str(problem)}))
        await self.close(CLOSED_FOR_A_PROBLEM + problem.status)


@contextmanager
def seat_of(user: int) -> Iterator[None]:
    """Count the consoles of one person. Raise Conflict for one too many."""
    if _open[user] >= MOST_FOR_ONE:
        raise Conflict(f"You have {MOST_FOR_ONE} consoles open. Close one of them first.")
    _open[user] += 1
    try:
        yield
    finally:
        _open[user] -= 1
        if not _open[user]:
            del _open[user]


def asked_for(query: bytes) -> tuple[Program, Size]:
    """What the address of the socket asks for. Raise Invalid for what makes no sense."""
    asked = {name: values[0] for name, values in parse_qs(query.decode("latin-1")).items()}
    program = Program.of(asked.get("command", ""), asked.get("user", ""), asked.get("workdir", ""))
    return program, Size.of(asked.get("cols", "80"), asked.get("rows", "24"))


def understood(text: str) -> dict[str, Any]:
    """A message of the other side. Raise Invalid for what is none."""
    try:
        message = json.loads(text) if len(text) <= LARGEST_TEXT else None
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict) or message.get("type") not in ("resize", "ack"):
        raise Invalid("A text frame must be a resize or an ack, as JSON.")
    return message

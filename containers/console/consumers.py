"""The socket between a terminal in a browser and a program in a container."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

from containermonkey.asgi_types import Message, Receive, Scope, Send
from containermonkey.problems import Conflict, Invalid, Problem, TooLarge
from containermonkey.sockets import DEFECT, FOR_A_PROBLEM
from containers.console.flow import Inbox, Window
from containers.console.options import Program, Size
from containers.console.terminal import Terminal, open_terminal

MOST_FOR_ONE = 50
"""Consoles that one person may have open at once."""

LARGEST_MESSAGE = 1 << 20
LARGEST_TEXT = 1 << 10

OVER = 1000
END_PATIENCE = 4
"""Seconds that a socket stays for the end of its program; that goes on without it."""

_open: Counter[int] = Counter()


async def console_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application of one console's socket.

    No consumer of Channels: that one starts a task for every message, and so for every key.
    """
    await ConsoleSocket(scope, send).live(receive)


class ConsoleSocket:
    """Binary frames are the terminal's bytes, both ways; text frames are JSON.

    From the other side `{"type": "resize", "cols", "rows"}`, and `{"type": "ack", "bytes"}`: who
    sends the latter, at first of 0 bytes, is never sent much more than it has acknowledged. To it
    `{"type": "exit", "code"}` or `{"type": "error", "message"}`, and then the socket closes.
    """

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope, self.send = scope, send
        self.inbox, self.window = Inbox(), Window()
        self.terminal: Terminal | None = None
        self.size: Size | None = None
        self.closed = False

    async def live(self, receive: Receive) -> None:
        """Take what comes until the other side is gone, and then end what runs."""
        await receive()
        await self.send({"type": "websocket.accept"})
        work = asyncio.create_task(self.work())
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                if not await self.take(message):
                    work.cancel()
        finally:
            # Also where the socket is ended from above, as at sign-out.
            self.closed = True
            work.cancel()
            closing = self.terminal.close() if self.terminal else work
        await asyncio.wait({closing}, timeout=END_PATIENCE)

    async def take(self, message: Message) -> bool:
        """Take one message; False for one that makes no sense, which ends the console."""
        try:
            if message.get("bytes") is not None:
                await self.typed(message["bytes"])
            elif message.get("text") is not None:
                self.told(message["text"])
        except Problem as problem:
            await self.refuse(problem)
            return False
        return True

    async def typed(self, content: bytes) -> None:
        if len(content) > LARGEST_MESSAGE:
            raise TooLarge("So much cannot be typed at once.")
        # A key goes its way at once; only what the program does not take waits in line.
        if not (self.terminal and self.inbox.is_empty and self.terminal.type_at_once(content)):
            await self.inbox.put(content)

    def told(self, text: str) -> None:
        message = understood(text)
        if message["type"] == "ack":
            self.window.acknowledge(message.get("bytes"))
            return
        self.size = Size.of(message.get("cols"), message.get("rows"))
        if self.terminal:
            self.terminal.resize(self.size)

    async def work(self) -> None:
        try:
            with seat_of(self.scope["user"].pk):
                await self.connect()
        except Problem as problem:
            await self.refuse(problem)
        except OSError:
            self.closed = True  # what a server says of a browser that is gone
        finally:
            await self.close(DEFECT)  # where nothing closed it before

    async def connect(self) -> None:
        reference = self.scope["url_route"]["kwargs"]["reference"]
        program, size = asked_for(self.scope["query_string"])
        terminal = self.terminal = await open_terminal(reference, program, size)
        if self.size:
            terminal.resize(self.size)
        typist = asyncio.create_task(self.type_into(terminal))
        try:
            async for block in terminal.output():
                await self.window.take(len(block))
                await self.send({"type": "websocket.send", "bytes": block})
            outcome = await terminal.outcome()
        finally:
            typist.cancel()
            terminal.close()
        said: dict[str, Any] = {"type": "exit", "code": outcome.code}
        if outcome.reason:
            said["message"] = outcome.reason
        await self.say(said)
        await self.close(OVER)

    async def type_into(self, terminal: Terminal) -> None:
        while True:
            try:
                await terminal.type(await self.inbox.take())
            except Problem:
                return  # the end of the output says the same

    async def say(self, message: Message) -> None:
        if not self.closed:
            await self.send({"type": "websocket.send", "text": json.dumps(message)})

    async def refuse(self, problem: Problem) -> None:
        await self.say({"type": "error", "message": str(problem)})
        await self.close(FOR_A_PROBLEM + problem.status)

    async def close(self, code: int) -> None:
        if not self.closed:
            self.closed = True
            await self.send({"type": "websocket.close", "code": code})


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

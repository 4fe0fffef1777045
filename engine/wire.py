"""The Engine over asyncio, for what stays open: logs, consoles, events, statistics.

A connection that only waits costs no thread, and reading from it no faster than somebody takes
what was read pushes back on the Engine by itself. Short calls go through `engine.client`.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from engine import contact
from engine.client import client_of, current_url, tls_of
from engine.errors import EngineUnreachable, of_status, silent, unreachable
from engine.errors import translated as by_docker
from engine.patience import TIMEOUT, patience

READ_AHEAD = 64 << 10
"""Bytes beyond which a connection is not read until somebody takes them. asyncio notices at twice
as many, and after a read of at most 256 KiB."""

LARGEST_ANSWER = 64 << 20
"""Bytes of an answer that is read whole."""

NO_BODY = (204, 304)

CRLF = b"\r\n"

LONGEST_HEAD = 4096
"""Bytes of a chunk's first line, which is a number and at most a few words."""


@dataclass(frozen=True)
class Answer:
    """An answer of the Engine whose body is still on its way.

    After an upgrade it is the connection itself, in both directions: `blocks` and `send`.
    """

    status: int
    headers: Mapping[str, str]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    url: str

    async def blocks(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes, in pieces of at most 64 KiB."""
        if self.headers.get("transfer-encoding") == "chunked":
            async for block in self._dechunked():
                yield block
        elif "content-length" in self.headers:
            left = int(self.headers["content-length"])
            while left:
                block = await self._read(min(left, READ_AHEAD))
                left -= len(block)
                yield block
        elif self.status not in NO_BODY:
            while block := await self._read_some(READ_AHEAD):
                yield block

    async def send(self, content: bytes) -> None:
        """Send on an upgraded connection; waits while the other side takes nothing."""
        with translated(self.url):
            self.writer.write(content)
            await self.writer.drain()

    def end_of_input(self) -> None:
        """Say that nothing more will be sent; the answer goes on."""
        if self.writer.can_write_eof():
            self.writer.write_eof()

    async def body(self) -> bytes:
        """The body, whole. Raise EngineUnreachable if it is larger than an answer can be."""
        collected = bytearray()
        async for block in self.blocks():
            collected += block
            if len(collected) > LARGEST_ANSWER:
                raise EngineUnreachable(
                    f"The Docker Engine{contact.place_of(self.url)} answers without an end."
                )
        return bytes(collected)

    async def json(self) -> Any:
        """The body as JSON; None where there is none."""
        content = await self.body()
        return self._parsed(content) if content else None

    async def documents(self) -> AsyncGenerator[Any, None]:
        """The JSON documents of a body that is one per line, as events and statistics come."""
        rest = b""
        async for block in self.blocks():
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                if line.strip():
                    yield self._parsed(line)
            if len(rest) > LARGEST_ANSWER:
                raise EngineUnreachable(
                    f"The Docker Engine{contact.place_of(self.url)} answers without an end."
                )

    def _parsed(self, content: bytes) -> Any:
        with translated(self.url):
            return json.loads(content)

    async def _dechunked(self) -> AsyncGenerator[bytes, None]:
        """What is in the chunks that have arrived, together: of a log each line is a chunk."""
        waiting, left = b"", 0
        while True:
            waiting += await self._read(READ_AHEAD)
            content, start = [], 0
            while True:
                if left > 0:
                    piece = waiting[start : start + left]
                    content.append(piece)
                    start, left = start + len(piece), left - len(piece)
                    if left:
                        break
                    left = -len(CRLF)  # which ends the chunk
                if left < 0:
                    if len(waiting) - start < len(CRLF):
                        break
                    start, left = start + len(CRLF), 0
                end = waiting.find(CRLF, start)
                if end < 0:
                    break
                left, start = self._size(waiting[start:end]), end + len(CRLF)
                if not left:
                    if content:
                        yield b"".join(content)
                    return
            waiting = waiting[start:]
            if len(waiting) > LONGEST_HEAD:
                raise self._broken_off()
            if content:
                yield b"".join(content)

    def _size(self, line: bytes) -> int:
        try:
            return int(line.split(b";")[0], 16)
        except ValueError:
            raise self._broken_off() from None

    async def _read(self, count: int) -> bytes:
        block = await self._read_some(count)
        if not block:
            raise self._broken_off()
        return block

    async def _read_some(self, count: int) -> bytes:
        with translated(self.url):
            return await self.reader.read(count)

    def _broken_off(self) -> EngineUnreachable:
        return EngineUnreachable(
            f"The Docker Engine{contact.place_of(self.url)} broke off in the middle of a stream."
        )


@asynccontextmanager
async def asked(
    method: str,
    path: str,
    *,
    params: Mapping[str, Any] | None = None,
    body: Any = None,
    upgrade: bool = False,
) -> AsyncIterator[Answer]:
    """One call of the current Engine on a connection of its own, closed when the block ends.

    `path` is without the API's version. Each name in it has been through `engine.names.checked`:
    the Engine takes `..` for a way to another address, even when it is encoded. With `upgrade` the
    connection becomes a plain one in both directions.

    Raise the problem that an error answer stands for, EngineUnreachable for a connection that
    fails or an answer that does not begin within `TIMEOUT` seconds, or where something is only
    asked, as long as there is patience for. What comes after that may take as long as it likes.
    """
    url = current_url()
    seconds = min(TIMEOUT, patience()) if method == "GET" else TIMEOUT
    with translated(url):
        async with asyncio.timeout(seconds):
            # The first time it asks the Engine for its version, with a call that blocks.
            version = (await asyncio.to_thread(client_of, url)).api_version
            reader, writer = await connection(url)
    try:
        with translated(url):
            async with asyncio.timeout(seconds):
                query = f"?{urlencode(params)}" if params else ""
                writer.write(request(method, f"/v{version}{path}{query}", body, upgrade=upgrade))
                await writer.drain()
                status, headers = await head(reader)
        contact.answered(url)
        answer = Answer(status, headers, reader, writer, url)
        if status >= 400:
            raise of_status(status, message_in(await answer.body()))
        yield answer
    finally:
        # Not waited for: with a full buffer that nobody takes, closing in good order never ends.
        writer.transport.abort()


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn what asyncio raises for a lost connection into EngineUnreachable."""
    try:
        with by_docker(url):
            yield
    except TimeoutError as error:
        raise silent(url) from error
    except (OSError, EOFError, asyncio.LimitOverrunError, ValueError) as error:
        raise unreachable(url, error) from error


async def ask(
    method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None
) -> Any:
    """One call with its whole answer as JSON; None where the answer has no body."""
    async with asked(method, path, params=params, body=body) as answer:
        return await answer.json()


async def connection(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the Engine at `url`: a Unix socket, TCP, or TLS with its certificates."""
    place = urlsplit(url)
    if place.scheme == "unix":
        return await asyncio.open_unix_connection(place.path, limit=READ_AHEAD)
    tls = tls_of(url)
    context = None
    if tls or place.scheme == "https":
        context = ssl.create_default_context(cafile=getattr(tls, "ca_cert", None) or None)
        if certificate := getattr(tls, "cert", None):
            context.load_cert_chain(*certificate)
        if getattr(tls, "verify", True) is False:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    port = place.port or (2376 if context else 2375)
    return await asyncio.open_connection(place.hostname, port, ssl=context, limit=READ_AHEAD)


def request(method: str, target: str, body: Any, *, upgrade: bool) -> bytes:
    """The bytes of a request; a body goes as JSON."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {target} HTTP/1.1", "Host: docker", f"Content-Length: {len(content)}"]
    if body is not None:
        lines.append("Content-Type: application/json")
    lines += ["Connection: Upgrade", "Upgrade: tcp"] if upgrade else ["Connection: close"]
    return "\r\n".join([*lines, "", ""]).encode() + content


async def head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """The status of an answer, and its headers by their names in small letters."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    try:
        status = int(lines[0].split(" ")[1])
    except (IndexError, ValueError):
        raise ConnectionError(0, "what answers there is no Docker Engine") from None
    fields = (line.partition(":") for line in lines[1:] if line)
    return status, {name.strip().lower(): value.strip() for name, _, value in fields}


def message_in(body: bytes) -> str:
    """The Engine's own words in an error answer."""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")

"""Bodies that are too large to hold: archives in and out, images in and out."""

import base64
import json
import os
import re
from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from types import TracebackType
from typing import Any, Self

import requests
from docker.errors import APIError

from containermonkey.problems import EngineUnreachable
from engine.client import STREAM_TIMEOUT, Docker
from engine.contact import place_of
from engine.errors import translated

Block = bytes | bytearray | memoryview

BLOCK = 2 << 20
"""Bytes in a block that is handed on: large enough that Python's share of the work is small, and
as many as an archive compresses at a time, so that they need not be copied together first."""

PLAIN = {"Accept-Encoding": "identity"}
"""Without it the Engine compresses the stream, with one slow thread."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Stream(Iterator[bytes | bytearray]):
    """A body on its way, in blocks of at most 2 MiB.

    Close it, or use it with `with`, unless it is read to its end: while the Engine has something
    to send from a container, every other call about that container waits, its removal too.
    """

    def __init__(self, docker: Docker, response: requests.Response) -> None:
        self._response = response
        self._blocks = blocks_of(docker, response)

    def __next__(self) -> bytes | bytearray:
        return next(self._blocks)

    def close(self) -> None:
        """Break off what has not been read; nothing happens a second time."""
        self._blocks.close()
        self._response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_archive(docker: Docker, container: str, path: str) -> Stream:
    """The plain tar stream of a path in a container.

    The stream ends normally even when the Engine gave up on the way: who reads it must walk the
    tar and look for its end.
    """
    response = docker._get(
        docker._url("/containers/{0}/archive", container),
        params={"path": os.fsencode(path)},
        headers=PLAIN,
        stream=True,
        timeout=STREAM_TIMEOUT,
    )
    docker._raise_for_status(response)
    return Stream(docker, response)


def write_archive(docker: Docker, container: str, path: str, blocks: Iterable[Block]) -> None:
    """Unpack a plain tar stream, never a compressed one, into a folder of a container."""
    response = docker._put(
        docker._url("/containers/{0}/archive", container),
        params={"path": path},
        data=iter(blocks),
        headers={"Content-Type": "application/x-tar"},
        timeout=STREAM_TIMEOUT,
    )
    docker._raise_for_status(response)


def stat_path(docker: Docker, container: str, path: str) -> dict[str, Any] | None:
    """What the Engine says of a path in a container: name, size, mode (Go's bits), mtime.

    None where there is nothing of that name. Raise the Engine's NotFound where the container is
    gone: somebody may have it pruned meanwhile, and what was in it is there all the same.
    """
    url = docker._url("/containers/{0}/archive", container)
    params = {"path": os.fsencode(path)}
    response = docker.head(url, params=params, timeout=docker.timeout)
    if response.status_code == 404:
        docker.inspect_container(container)
        return None
    docker._raise_for_status(response)
    return json.loads(base64.b64decode(response.headers["X-Docker-Container-Path-Stat"]))


def changed_at(seen: dict[str, Any]) -> int:
    """When what `stat_path` saw was changed last, in microseconds since 1970.

    The Engine writes nanoseconds, of which `datetime` reads the microseconds.
    """
    return (datetime.fromisoformat(seen["mtime"]) - EPOCH) // timedelta(microseconds=1)


def nanoseconds_at(seen: dict[str, Any]) -> int:
    """When what `stat_path` saw was changed last, in nanoseconds since 1970."""
    fraction = re.search(r"\.([0-9]+)", seen["mtime"])
    digits = fraction[1].ljust(9, "0") if fraction else "0"
    return changed_at(seen) * 1000 + int(digits) % 1000


def read_image(docker: Docker, image: str) -> Stream:
    """The tar stream of `docker save` for one image."""
    response = docker._get(
        docker._url("/images/{0}/get", image),
        headers=PLAIN,
        stream=True,
        timeout=STREAM_TIMEOUT,
    )
    docker._raise_for_status(response)
    return Stream(docker, response)


def read_images(docker: Docker, names: list[str]) -> Stream:
    """The tar stream of `docker save` for several images, each under the names that are given.

    The Engine ends it as if it were whole where it fails on the way: who reads it must walk the
    tar and look for its end.
    """
    response = docker._get(
        docker._url("/images/get"),
        params={"names": names},
        headers=PLAIN,
        stream=True,
        timeout=STREAM_TIMEOUT,
    )
    docker._raise_for_status(response)
    return Stream(docker, response)


def blocks_of(
    docker: Docker, response: requests.Response
) -> Generator[bytes | bytearray, None, None]:
    """The body of a streamed answer; closes the answer when it is done or left early."""
    raw = response.raw
    socket_file = getattr(raw._fp, "fp", None)
    try:
        with translated(docker.url):
            if raw.chunked and socket_file is not None:
                yield from dechunked(socket_file, docker.url)
            else:
                yield from raw.stream(BLOCK, decode_content=False)
    finally:
        response.close()


def dechunked(socket_file: BufferedReader, url: str) -> Iterator[bytearray]:
    """The blocks of a chunked body, read straight into place.

    The Engine sends chunks of 32 KiB, and urllib3 spends more time on each than the Engine does:
    145 MB/s went through it where this reads 226.
    """
    lost = EngineUnreachable(
        f"The Docker Engine{place_of(url)} broke off in the middle of a stream."
    )
    block, filled = bytearray(BLOCK), 0
    try:
        while size := chunk_size(socket_file.readline(64), lost):
            while size:
                view = memoryview(block)[filled : filled + size]
                count = socket_file.readinto(view)
                view.release()
                if not count:
                    raise lost
                filled, size = filled + count, size - count
                if filled == BLOCK:
                    yield block
                    block, filled = bytearray(BLOCK), 0
            socket_file.readline(4)
    except OSError as error:
        raise lost from error
    if filled:
        del block[filled:]
        yield block


def chunk_size(line: bytes, lost: EngineUnreachable) -> int:
    """The bytes that a chunk's first line announces; 0 for the last chunk."""
    try:
        return int(line.split(b";")[0], 16)
    except ValueError:
        raise lost from None


def load_image(docker: Docker, blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """Load what `docker save` wrote; the Engine's messages, the errors among them raised."""
    messages = load_messages(docker, blocks)
    for message in messages:
        if "error" in message:
            raise APIError(message["error"], explanation=message["error"])
    return messages


def load_messages(docker: Docker, blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """Load what `docker save` wrote; the Engine's messages, one of which may be an error."""
    response = docker._post(
        docker._url("/images/load"),
        data=iter(blocks),
        params={"quiet": "1"},
        headers={"Content-Type": "application/x-tar"},
        stream=True,
        timeout=STREAM_TIMEOUT,
    )
    docker._raise_for_status(response)
    return list(docker._stream_helper(response, decode=True))

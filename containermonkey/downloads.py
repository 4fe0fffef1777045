"""A file or folder as an HTTP answer that is made while it is sent."""

import asyncio
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from threading import Lock

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header


@dataclass(frozen=True)
class Content:
    """A file as it is, or a folder as a `.tar.gz`; `size` in bytes, None where it is not known.

    `pieces` opens what it is read from when the first one is asked for, and closes it with the
    last.
    """

    name: str
    size: int | None
    pieces: Callable[[], Iterator[bytes]]


class Generated:
    """The pieces of a generator, each made beside the event loop."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces, self.in_use = pieces, Lock()

    def __aiter__(self) -> "Generated":
        return self

    async def __anext__(self) -> bytes:
        piece = await asyncio.to_thread(self.next_piece)
        if piece is None:
            raise StopAsyncIteration
        return piece

    def next_piece(self) -> bytes | None:
        with self.in_use:
            return next(self.pieces, None)

    def close(self) -> None:
        """Called by Django when the answer is over, also where the caller went away.

        A piece may be in the making then, and a generator cannot be closed in the middle of it.
        """
        if isinstance(self.pieces, Generator):
            with self.in_use:
                self.pieces.close()


def in_one_line(name: str) -> str:
    """A name for a header: one that is unseen would end its line, which Django refuses to send."""
    return "".join(letter if letter.isprintable() else "_" for letter in name)


def content_response(found: Content) -> HttpResponseBase:
    """A file or folder as a file to keep; whatever it is, no browser opens it."""
    response = StreamingHttpResponse(Generated(found.pieces()))
    response["Content-Type"] = "application/octet-stream"
    if found.size is not None:
        response["Content-Length"] = str(found.size)
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = content_disposition_header(True, in_one_line(found.name))
    return response

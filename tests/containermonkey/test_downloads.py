"""Answers that are made while they are sent."""

import asyncio
from collections.abc import Iterator
from threading import Event

import pytest

from containermonkey.downloads import Generated


async def test_who_leaves_while_a_piece_is_made_has_it_closed_all_the_same():
    begun, go_on, closed = Event(), Event(), Event()

    def pieces() -> Iterator[bytes]:
        try:
            begun.set()
            go_on.wait()
            yield b"first"
            yield b"second"
        finally:
            closed.set()

    answer = Generated(pieces())
    reading = asyncio.create_task(anext(answer))
    await asyncio.to_thread(begun.wait)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    closing = asyncio.create_task(asyncio.to_thread(answer.close))
    go_on.set()
    await closing
    assert closed.is_set()
    assert [piece async for piece in answer] == []

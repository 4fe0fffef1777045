"""What may be under way in either direction."""

import asyncio

import pytest

from containermonkey.problems import Invalid, TooLarge
from containers.console import flow
from containers.console.flow import Inbox, Window


async def test_what_is_typed_is_taken_in_order_and_in_pieces():
    inbox = Inbox()
    await inbox.put(b"a" * flow.PIECE + b"b")
    await inbox.put(b"c")
    assert await inbox.take() == b"a" * flow.PIECE
    assert await inbox.take() == b"bc"


async def test_who_types_more_than_is_taken_is_told(monkeypatch):
    monkeypatch.setattr(flow, "INBOX_PATIENCE", 0.05)
    inbox = Inbox()
    await inbox.put(b"x" * flow.INBOX_LIMIT)
    with pytest.raises(TooLarge, match="More is typed than the program takes"):
        await inbox.put(b"y")


async def test_who_types_goes_on_once_there_is_room():
    inbox = Inbox()
    await inbox.put(b"x" * flow.INBOX_LIMIT)
    waiting = asyncio.create_task(inbox.put(b"y"))
    await asyncio.sleep(0)
    assert not waiting.done()
    await inbox.take()
    await waiting


async def test_who_never_acknowledges_is_sent_everything():
    window = Window()
    for _ in range(10):
        await window.take(flow.WINDOW)


async def test_who_acknowledges_is_sent_only_so_much():
    window = Window()
    window.acknowledge(0)
    await window.take(flow.WINDOW)
    waiting = asyncio.create_task(window.take(1))
    await asyncio.sleep(0)
    assert not waiting.done()
    window.acknowledge(1)
    await waiting


async def test_who_takes_nothing_any_more_is_told(monkeypatch):
    monkeypatch.setattr(flow, "WINDOW_PATIENCE", 0.05)
    window = Window()
    window.acknowledge(0)
    await window.take(flow.WINDOW)
    with pytest.raises(TooLarge, match="taken any more"):
        await window.take(1)


@pytest.mark.parametrize("count", [-1, 1.5, "1", None, True, [1]])
async def test_an_acknowledgement_is_a_number_of_bytes(count):
    with pytest.raises(Invalid):
        Window().acknowledge(count)

"""The client of the current Engine, which is made once and asked for by many."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest

from engine import client


class Slow:
    """Stands for a client whose Engine takes its time to tell its version."""

    answered = Event()
    closed = 0

    def __init__(self, base_url: str, **_: Any) -> None:
        if base_url == "slow":
            assert self.answered.wait(10)
        elif base_url == "at-once":
            self.both.wait(10)

    both = Barrier(2)

    def close(self) -> None:
        Slow.closed += 1


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Slow]]:
    client.forget_clients()
    monkeypatch.setattr(client, "Docker", Slow)
    yield Slow
    Slow.answered.set()
    client.forget_clients()


def test_nobody_waits_for_an_engine_that_another_asks(slow: type[Slow]) -> None:
    with ThreadPoolExecutor(1) as others:
        waiting = others.submit(client.client_of, "slow")
        assert client.client_of("quick") is client.client_of("quick")
        assert not waiting.done()
        slow.answered.set()
        assert waiting.result(10) is client.client_of("slow")


def test_of_two_that_are_made_at_once_one_is_kept_and_the_other_closed(slow: type[Slow]) -> None:
    before = slow.closed
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(client.client_of, ["at-once", "at-once"])
    assert first is second is client.client_of("at-once")
    assert slow.closed == before + 1

from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from containers.mapping import of_row
from containers.stats.formulas import Stats
from engine import wire
from stats import collector as collector_module
from stats import overview, services
from stats.collector import Collector, Look
from stats.rounds import Round, Usage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """The collector, as after a start of the program; pages and API ask it."""
    fresh = Collector()
    for module in (collector_module, services, overview):
        monkeypatch.setattr(module, "collector", fresh)
    yield fresh
    fresh.stop()


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has rounds be a minute apart: on a busy machine five seconds are over before a test is."""
    monkeypatch.setattr(collector_module, "INTERVAL", 60.0)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls of the Engine that the collector makes, as paths."""
    calls: list[str] = []
    asked = wire.asked

    @asynccontextmanager
    async def recorded(method, path, **options):
        calls.append(path)
        async with asked(method, path, **options) as answer:
            yield answer

    monkeypatch.setattr(wire, "asked", recorded)
    return calls


def used(name: str, *, state: str = "running", rates: tuple = (None,) * 4, **figures: Any) -> Usage:
    """What a container uses; `rates` are in and out of network and disks."""
    row = {"Id": name.encode().hex().ljust(64, "0"), "Names": [f"/{name}"], "Image": "nginx:1.27"}
    row |= {"ImageID": "sha256:0", "Ports": [], "Labels": {}, "Mounts": [], "Created": 0}
    container = of_row(row | {"State": state, "Status": "Up 3 hours"})
    read_at = NOW if figures else None
    stats = Stats(container.id, name, state, read_at=read_at, **figures)
    return Usage(container, stats, *rates)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, collector: Collector) -> Callable[..., Collector]:
    """Has given usages be what the collector found, more and other ones than can be made here."""

    def show(*usages: Usage) -> Collector:
        found = Round("unix:///nowhere", list(usages), NOW, whole=True)
        known = {each.container.id: each.figures() for each in usages if each.is_known}
        collector.history.add(NOW.timestamp(), known)
        monkeypatch.setattr(collector, "look", lambda **_: Look(found, None))
        return collector

    return show

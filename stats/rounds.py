"""One look at what all containers use."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from containers.queries import ALIVE, shown
from containers.stats.formulas import Sample, Stats, rate, sample_of
from containers.stats.history import history
from containers.stats.services import USABLE_SECONDS, age, stats_of
from containers.types import Container
from engine import wire
from engine.client import current_url
from engine.stats import counters

LIST_SECONDS = 4.0
"""How long the Engine may take for its list, before it counts as lost: with the interval, less
than the ten seconds that figures may be old."""

ANSWER_SECONDS = 4.0
"""How long a round waits for those that do not answer, before it goes on without them."""

LATE_SECONDS = 10.0
"""How old the figures of one that does not answer may become, until nothing is said of it."""


@dataclass(frozen=True, slots=True)
class Usage:
    """A container with its figures, and what it moves in bytes a second since the sample before."""

    container: Container
    stats: Stats
    network_in: float | None = None
    network_out: float | None = None
    block_in: float | None = None
    block_out: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether there are any figures."""
        return self.stats.read_at is not None

    def figures(self) -> tuple[float | None, ...]:
        """In the order of `rings.FIELDS`."""
        return (
            *(self.stats.cpu_percent, self.stats.memory_usage),
            *(self.network_in, self.network_out, self.block_in, self.block_out),
        )


@dataclass(frozen=True)
class Round:
    """All containers of the Engine at `url`, running or not, as they were at `collected_at`.

    CPU and rates need two samples: a first round is only `whole` where they were known before.
    """

    url: str
    usages: list[Usage]
    collected_at: datetime
    whole: bool

    @property
    def age(self) -> float:
        """Seconds since it was collected."""
        return (datetime.now(UTC) - self.collected_at).total_seconds()


async def read_round(*, is_first: bool) -> Round:
    """List the containers and read those that run, all at once. Raise EngineUnreachable."""
    url = current_url()
    with wire.translated(url):
        async with asyncio.timeout(LIST_SECONDS):
            rows = await wire.ask("GET", "/containers/json", params={"all": "true"})
    containers = shown(rows)
    collected_at = datetime.now(UTC)
    alive = [each.id for each in containers if each.status in ALIVE]
    answers = await counters(alive, ANSWER_SECONDS)
    usages, whole = [], True
    for container in containers:
        sample = sample_of(answers[container.id]) if container.id in answers else None
        samples = history.add(container.id, sample) if sample else late(container)
        pair = usable(samples)
        whole = whole and not (is_first and len(pair) == 1)
        usages.append(usage_of(container, pair))
    return Round(url, usages, collected_at, whole)


def late(container: Container) -> list[Sample]:
    """What is known of one that should have answered; nothing once that says nothing of now."""
    known = history.of(container.id) if container.status in ALIVE else []
    return known if known and age(known[-1]) < LATE_SECONDS else []


def usable(samples: list[Sample]) -> list[Sample]:
    """The last sample, with the one before it where that is of the same few moments."""
    if len(samples) < 2:
        return samples
    before, now = samples[-2:]
    apart = (now.read_at - before.read_at).total_seconds()
    return [before, now] if apart <= USABLE_SECONDS else [now]


def usage_of(container: Container, samples: list[Sample]) -> Usage:
    nothing = Stats(container.id, container.name, container.status)
    if not samples:
        return Usage(container, nothing)
    now, stats = samples[-1], stats_of(nothing, samples)
    if len(samples) < 2:
        return Usage(container, stats)
    before = samples[-2]
    seconds = (now.read_at - before.read_at).total_seconds()
    return Usage(
        container,
        stats,
        network_in=rate(before.network_rx, now.network_rx, seconds),
        network_out=rate(before.network_tx, now.network_tx, seconds),
        block_in=rate(before.block_read, now.block_read, seconds),
        block_out=rate(before.block_write, now.block_write, seconds),
    )

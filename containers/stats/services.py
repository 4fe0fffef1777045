"""What a container uses, now and over the last minutes."""

import time
from dataclasses import dataclass
from typing import Any

from containers.mapping import name_in
from containers.queries import find_shown
from containers.stats.formulas import Sample, Stats, cpu_percent, memory_percent, sample_of
from containers.stats.history import history
from engine import Docker, engine

FRESH_SECONDS = 2.0
"""A sample that is younger serves everybody who asks."""

USABLE_SECONDS = 30.0
"""An older sample says nothing about now."""

SHORT_WAIT = 0.5
"""Seconds between two samples where there is none of before: long enough for the kernel's ticks,
short enough to be waited for."""


@dataclass(frozen=True)
class Usage:
    """The figures now, and the samples that lead to them, the oldest first."""

    stats: Stats
    samples: list[Sample]


def container_stats(reference: str) -> Stats:
    """What a container uses now. Raise NotFound, or NotAllowed for ourselves."""
    return usage(reference).stats


def usage(reference: str) -> Usage:
    """What a container uses, with its last minutes as far as somebody has looked at them."""
    with engine() as docker:
        inspect = find_shown(docker, reference)
        nothing = Stats(inspect["Id"], name_in(inspect), inspect["State"]["Status"])
        if not inspect["State"]["Running"]:
            return Usage(nothing, [])
        samples = current_samples(docker, inspect["Id"])
    if not samples:
        return Usage(nothing, [])
    return Usage(stats_of(nothing, samples), samples)


def current_samples(docker: Docker, container_id: str) -> list[Sample]:
    """Samples of which the last is of now, and which are two where it runs."""
    known = history.of(container_id)
    if len(known) > 1 and age(known[-1]) < FRESH_SECONDS:
        return known
    samples = taken(docker, container_id)
    if samples and (len(samples) < 2 or age(samples[-2]) > USABLE_SECONDS):
        time.sleep(SHORT_WAIT)
        samples = taken(docker, container_id) or samples
    return samples


def taken(docker: Docker, container_id: str) -> list[Sample]:
    """Take a sample; all that are known with it, or none where the container has just ended."""
    answer: dict[str, Any] = docker.stats_once(container_id)
    sample = sample_of(answer)
    return history.add(container_id, sample) if sample else []


def age(sample: Sample) -> float:
    """Seconds since a sample was taken."""
    return time.monotonic() - sample.taken_at


def stats_of(container: Stats, samples: list[Sample]) -> Stats:
    """The figures of the last sample, the CPU's since the one before."""
    now = samples[-1]
    before = samples[-2] if len(samples) > 1 else None
    return Stats(
        *(container.id, container.name, container.status),
        cpu_percent=cpu_percent(before, now),
        memory_usage=now.memory,
        memory_limit=now.memory_limit,
        memory_percent=memory_percent(now),
        network_rx=now.network_rx,
        network_tx=now.network_tx,
        block_read=now.block_read,
        block_write=now.block_write,
        pids=now.pids,
        read_at=now.read_at,
    )

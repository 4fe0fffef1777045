"""The last hour of the Docker host as sparklines."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from containermonkey.sparks import Line, Spark, path_through
from engine.about import known_about
from system.host import proc
from system.host.sampling import Sample, busy_between, sampler
from system.host.services import is_this_machine

WIDTH, HEIGHT = 300, 68
SPAN_SECONDS = 3600
"""What the width stands for."""

Value = tuple[float, float]
"""Seconds before the newest look, and a share from 0 to 1."""


@dataclass(frozen=True)
class Chart:
    """One line from 0 to 100 %; `share` is the newest value in percent."""

    label: str
    share: float
    spark: Spark


def host_charts() -> list[Chart]:
    """CPU, memory and disk of the Docker host, as far as they have been looked at.

    Nothing where it is another machine, or where that is not known yet.
    """
    about, samples = known_about(), sampler.samples()
    if about is None or not is_this_machine(about) or len(samples) < 2:
        return []
    total = proc.memory()[1]
    memory = [(seconds_before(each, samples), each.memory / total) for each in samples]
    disk = [
        (seconds_before(each, samples), each.disk / 100)
        for each in samples
        if each.disk is not None
    ]
    charts = [
        ("CPU", "cpu", cpu_shares(samples)),
        ("RAM", "mem", memory),
        ("Disk", "disk", disk),
    ]
    return [
        Chart(label, 100 * values[-1][1], spark_of(label, kind, values))
        for label, kind, values in charts
        if values
    ]


def spark_of(label: str, kind: str, values: Sequence[Value]) -> Spark:
    points = (
        (WIDTH * (1 - seconds / SPAN_SECONDS), HEIGHT - 2 - share * (HEIGHT - 4))
        for seconds, share in values
        if seconds <= SPAN_SECONDS
    )
    spoken = f"{label} in the last hour, from 0 to 100 %"
    return Spark(spoken, WIDTH, HEIGHT, [Line(kind, path_through(points))])


def cpu_shares(samples: Sequence[Sample]) -> list[Value]:
    shares = (
        (seconds_before(after, samples), busy_between(before, after))
        for before, after in pairwise(samples)
    )
    return [(seconds, share) for seconds, share in shares if share is not None]


def seconds_before(sample: Sample, samples: Sequence[Sample]) -> float:
    return (samples[-1].read_at - sample.read_at).total_seconds()

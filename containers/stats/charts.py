"""What a container used in the last minutes, as sparklines."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from containermonkey import figures
from containermonkey.sparks import Figure, Line, Spark, path_through
from containers.stats.formulas import Sample, Stats, cpu_percent, rate

WIDTH, HEIGHT = 300, 68
SPAN_SECONDS = 300
"""What the width stands for."""


Value = tuple[float, float]
"""Seconds before now, and the figure then."""


def figures_of(stats: Stats, samples: Sequence[Sample]) -> list[Figure]:
    """The four tiles of a container that runs."""
    return [
        cpu_figure(stats, samples),
        memory_figure(stats, samples),
        flow_figure(
            *("Network", "wifi-high", samples),
            [("In", "network_rx", stats.network_rx), ("Out", "network_tx", stats.network_tx)],
        ),
        flow_figure(
            *("Block I/O", "hard-drive", samples),
            [
                ("Read", "block_read", stats.block_read),
                ("Written", "block_write", stats.block_write),
            ],
        ),
    ]


def cpu_figure(stats: Stats, samples: Sequence[Sample]) -> Figure:
    values = between(samples, cpu_percent)
    top = max(100.0, math.ceil(max((value for _, value in values), default=0) / 100) * 100.0)
    return Figure(
        title="CPU",
        icon="cpu",
        value=or_unknown(stats.cpu_percent),
        unit="% of a core",
        sub=f"{or_unknown(stats.pids)} processes and threads",
        **drawn("CPU", f"{top:g} %", [line("cpu", values, top)]),
    )


def memory_figure(stats: Stats, samples: Sequence[Sample]) -> Figure:
    """Against the limit, which is all of the host's memory where none was set."""
    last = samples[-1] if samples else None
    values = [(ago(sample, samples), float(sample.memory)) for sample in samples if sample.memory]
    top = float((last and last.memory_limit) or max((value for _, value in values), default=1))
    return Figure(
        title="Memory",
        icon="memory",
        value=figures.size(stats.memory_usage),
        sub=f"{or_unknown(stats.memory_percent)} % of {figures.size(stats.memory_limit)}",
        **drawn("Memory", figures.size(top), [line("mem", values, top)]),
    )


def flow_figure(
    title: str, icon: str, samples: Sequence[Sample], ways: Sequence[tuple[str, str, int | None]]
) -> Figure:
    """What goes in and out: word, field and sum of each, their rates on one scale."""
    kinds = ("rx", "tx")
    flows = [between(samples, rate_of(field)) for _, field, _ in ways]
    top = rounded_up(max((value for values in flows for _, value in values), default=0))
    lines = [line(kind, values, top) for kind, values in zip(kinds, flows, strict=True)]
    words = [
        (kind, word, figures.size(sum_until_now))
        for kind, (word, _, sum_until_now) in zip(kinds, ways, strict=True)
    ]
    return Figure(title=title, icon=icon, pair=words, **drawn(title, figures.rate(top), lines))


def drawn(title: str, top: str, lines: list[Line]) -> dict[str, Any]:
    """The lines of a figure, on a scale from 0 to what `top` says."""
    spoken = f"{title} over the last five minutes, from 0 to {top}"
    return {
        "spark": Spark(spoken, WIDTH, HEIGHT, lines),
        "scale": f"5 min, 0 to {top}",
    }


def or_unknown(figure: float | None) -> str:
    return figures.UNKNOWN if figure is None else str(figure)


def rate_of(field: str) -> Callable[[Sample, Sample], float | None]:
    def rate_between(before: Sample, now: Sample) -> float | None:
        seconds = (now.read_at - before.read_at).total_seconds()
        return rate(getattr(before, field), getattr(now, field), seconds)

    return rate_between


def between(
    samples: Sequence[Sample], figure: Callable[[Sample, Sample], float | None]
) -> list[Value]:
    """A figure of each two samples that follow each other."""
    found = ((ago(now, samples), figure(before, now)) for before, now in pairwise(samples))
    return [(seconds, value) for seconds, value in found if value is not None]


def ago(sample: Sample, samples: Sequence[Sample]) -> float:
    return (samples[-1].read_at - sample.read_at).total_seconds()


def rounded_up(value: float) -> float:
    """The next of 1, 2, 4, 8 … KiB a second, so that a scale does not change all the time."""
    return float(1024 << max(0, math.ceil(math.log2(max(value, 1) / 1024))))


def line(kind: str, values: Sequence[Value], top: float) -> Line:
    points = (
        (
            WIDTH - seconds / SPAN_SECONDS * WIDTH,
            HEIGHT - 2 - min(value / top, 1.0) * (HEIGHT - 4),
        )
        for seconds, value in values
        if seconds <= SPAN_SECONDS
    )
    return Line(kind, path_through(points))

"""Sparklines: the last minutes of a figure as the points of an SVG."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from containermonkey import figures
from containers.stats.formulas import Sample, cpu_percent, rate

WIDTH, HEIGHT = 300, 68
SPAN_SECONDS = 300
"""What the width stands for."""


@dataclass(frozen=True)
class Line:
    """One line of a chart: the name of its colour, and its points."""

    kind: str
    points: str

    @property
    def colour(self) -> str:
        """The class that gives it its colour."""
        return f"{self.kind}-s"


@dataclass(frozen=True)
class Chart:
    """The lines share one scale, from 0 to what `top` says in words."""

    label: str
    top: str
    lines: list[Line]


Value = tuple[float, float]
"""Seconds before now, and the figure then."""


def cpu_chart(samples: Sequence[Sample]) -> Chart:
    values = between(samples, cpu_percent)
    top = max(100.0, math.ceil(max((value for _, value in values), default=0) / 100) * 100.0)
    return Chart("CPU over the last five minutes", f"{top:g} %", [line("cpu", values, top)])


def memory_chart(samples: Sequence[Sample]) -> Chart:
    """Against the limit, which is all of the host's memory where none was set."""
    last = samples[-1] if samples else None
    values = [(ago(sample, samples), float(sample.memory)) for sample in samples if sample.memory]
    top = float((last and last.memory_limit) or max((value for _, value in values), default=1))
    return Chart("Memory over the last five minutes", figures.size(top), [line("mem", values, top)])


def flow_chart(label: str, samples: Sequence[Sample], inward: str, outward: str) -> Chart:
    """Two rates on one scale, such as what is received and what is sent."""
    flows = [
        (kind, between(samples, rate_of(field)))
        for kind, field in (("rx", inward), ("tx", outward))
    ]
    most = max((value for _, values in flows for _, value in values), default=0)
    top = rounded_up(most)
    lines = [line(kind, values, top) for kind, values in flows]
    return Chart(f"{label} over the last five minutes", figures.rate(top), lines)


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
        f"{WIDTH - seconds / SPAN_SECONDS * WIDTH:.1f},"
        f"{HEIGHT - 2 - min(value / top, 1.0) * (HEIGHT - 4):.1f}"
        for seconds, value in values
        if seconds <= SPAN_SECONDS
    )
    return Line(kind, " ".join(points))

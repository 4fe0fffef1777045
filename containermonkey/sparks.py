"""Figures over time as small lines, in plain values; `{% spark %}` draws them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`kind` (cpu, mem, disk, rx or tx) gives it its colour, `path` is the `d` of an SVG's path."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Spark:
    """Lines on one scale, in a box of `width` by `height`; `label` is what is spoken of them."""

    label: str
    width: int
    height: int
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Figure:
    """A tile of one figure with a line below it, or of two: `pair` are kind, word and value.

    `scale` are the words below the line.
    """

    title: str
    icon: str
    spark: Spark
    value: str = ""
    unit: str = ""
    sub: str = ""
    pair: Sequence[tuple[str, str, str]] = ()
    scale: str = ""


def path_through(points: Iterable[tuple[float, float]]) -> str:
    """A path from point to point, without those between others of the same height."""
    kept: list[tuple[str, str]] = []
    for x, y in points:
        point = f"{x:.1f}", f"{y:.1f}"
        if len(kept) > 1 and kept[-2][1] == kept[-1][1] == point[1]:
            kept.pop()
        kept.append(point)
    return f"M{' '.join(','.join(point) for point in kept)}" if kept else ""

"""Lines of many containers as paths of an SVG, each figure on one scale."""

import math
from collections.abc import Iterable

from stats.rings import POINTS

WIDTH, HEIGHT = POINTS - 1, 100
MARGIN = 3
"""Above and below, for the width of the line."""

BRIDGED = 2
"""Steps from one point to the next that are still drawn as a line: rounds do not keep exactly to
the slots, so that one may be left out."""

CPU_TOPS = (10, 25, 50, 100)
SMALLEST_MEMORY = 1 << 20
SMALLEST_RATE = 1000


def cpu_top(lines: Iterable[list[float]]) -> float:
    """The end of the scale of CPU in percent: 10, 25, 50, and then whole cores."""
    most = highest(lines)
    return next((top for top in CPU_TOPS if most <= top), math.ceil(most / 100) * 100)


def memory_top(lines: Iterable[list[float]]) -> float:
    """The next power of two from 1 MiB on."""
    return SMALLEST_MEMORY * 2 ** doublings(highest(lines) / SMALLEST_MEMORY)


def rate_top(lines: Iterable[list[float]]) -> float:
    """1, 2, 4 kB/s and so on, so that a scale does not change all the time."""
    return SMALLEST_RATE * 2 ** doublings(highest(lines) / SMALLEST_RATE)


def doublings(times: float) -> int:
    return max(0, math.ceil(math.log2(times))) if times > 0 else 0


def highest(lines: Iterable[list[float]]) -> float:
    return max((value for line in lines for value in line if not math.isnan(value)), default=0.0)


def path(line: list[float], top: float) -> str:
    """A line as the `d` of an SVG's path; it breaks off where nobody looked.

    Points between others of their height are left out: most containers do nothing most of the
    time.
    """
    steps, last_x, last_y, held = [], -POINTS, 0, False
    factor = (HEIGHT - 2 * MARGIN) / top
    for x, value in enumerate(line):
        if value != value:
            continue
        y = HEIGHT - MARGIN - round(min(value, top) * factor)
        if x - last_x > BRIDGED:
            steps.append(f"H{last_x}M{x} {y}h0" if held else f"M{x} {y}h0")
        elif y == last_y:
            last_x, held = x, True
            continue
        else:
            steps.append(f"H{last_x}L{x} {y}" if held else f"L{x} {y}")
        last_x, last_y, held = x, y, False
    return "".join(steps) + (f"H{last_x}" if held else "")

"""How the figures of all containers are told about on the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from containermonkey import figures
from containermonkey.sparks import Figure, Line, Spark
from containers.types import Container
from stats import charts
from stats.overview import MOST_CPU_FIRST, Drawn, Lines, Overview

SORTS = (
    (MOST_CPU_FIRST, "Most CPU first"),
    ("-memory", "Most memory first"),
    ("-network", "Most network first"),
    ("-block", "Most block I/O first"),
    ("-pids", "Most processes first"),
    ("name", "By name"),
    ("state", "By state"),
)
SPAN_WORDS = {"live": "Live", "15m": "15 min", "1h": "1 h", "6h": "6 h", "24h": "24 h"}
SPAN_TOLD = {
    "live": "the last 5 minutes",
    "15m": "the last 15 minutes",
    "1h": "the last hour",
    "6h": "the last 6 hours",
    "24h": "the last 24 hours",
}
NAMES = ("CPU", "Memory", "Network", "Block I/O")
KINDS = ("cpu", "mem", "rx", "tx", "rx", "tx")
"""Of the line of each of `rings.FIELDS`."""

VIEWS = {"grid": "Grid", "table": "Table"}
DEFAULTS = {"sort": MOST_CPU_FIRST, "span": "live", "view": "grid"}


@dataclass(frozen=True)
class Scale:
    """The ends of the scales that all lines of the page share, in percent and bytes."""

    cpu: float
    memory: float
    network: float
    block: float

    @property
    def words(self) -> str:
        return (
            f"CPU to {self.cpu:g} %, memory to {figures.size(self.memory)}, "
            f"network to {figures.rate(self.network)}, block I/O to {figures.rate(self.block)}"
        )


@dataclass(frozen=True, slots=True)
class Sparks:
    """The lines of a card, or of all containers together."""

    cpu: Spark
    memory: Spark
    network: Spark
    block: Spark


@dataclass(frozen=True, slots=True)
class Card:
    """A container on the page, in words."""

    container: Container
    url: str
    known: bool
    cpu: str
    memory: str
    memory_limit: str
    memory_percent: str
    network_in: str
    network_out: str
    network_total: str
    block_in: str
    block_out: str
    block_total: str
    pids: str
    sparks: Sparks


def scale_of(lines: list[Lines]) -> Scale:
    return Scale(
        cpu=charts.cpu_top(each[0] for each in lines),
        memory=charts.memory_top(each[1] for each in lines),
        network=charts.rate_top(line for each in lines for line in each[2:4]),
        block=charts.rate_top(line for each in lines for line in each[4:6]),
    )


def sparks_of(lines: Lines | None, scale: Scale, labels: Sequence[str]) -> Sparks:
    """The lines of each of `rings.FIELDS`, of which two flows share a sparkline."""
    tops = (scale.cpu, scale.memory, scale.network, scale.network, scale.block, scale.block)
    paths = (
        [charts.path(line, top) for line, top in zip(lines, tops, strict=True)]
        if lines
        else [""] * len(tops)
    )
    cpu, memory, *flows = (Line(kind, path) for kind, path in zip(KINDS, paths, strict=True))
    parts = ([cpu], [memory], flows[:2], flows[2:])
    return Sparks(
        *(
            Spark(label, charts.WIDTH, charts.HEIGHT, part)
            for label, part in zip(labels, parts, strict=True)
        )
    )


def card(drawn: Drawn, scale: Scale, labels: Sequence[str]) -> Card:
    usage, stats = drawn.usage, drawn.usage.stats
    return Card(
        container=usage.container,
        url=reverse("containers:stats", args=[usage.container.name]),
        known=usage.is_known,
        cpu=percent(stats.cpu_percent),
        memory=figures.size(stats.memory_usage),
        memory_limit=figures.size(stats.memory_limit),
        memory_percent=percent(stats.memory_percent),
        network_in=figures.rate(usage.network_in),
        network_out=figures.rate(usage.network_out),
        network_total=total(stats.network_rx, stats.network_tx),
        block_in=figures.rate(usage.block_in),
        block_out=figures.rate(usage.block_out),
        block_total=total(stats.block_read, stats.block_write),
        pids=figures.UNKNOWN if stats.pids is None else str(stats.pids),
        sparks=sparks_of(drawn.lines, scale, labels),
    )


def percent(share: float | None) -> str:
    """`0.07 %` and `71.9 %`: three digits at most before a whole core."""
    if share is None:
        return figures.UNKNOWN
    return f"{share:.2f} %" if share < 9.995 else f"{share:.1f} %"


def total(inward: int | None, outward: int | None) -> str:
    """What has gone in and out since the container was started, as `docker stats` has it."""
    if inward is None and outward is None:
        return figures.UNKNOWN
    return f"{figures.size(inward)} / {figures.size(outward)}"


def context(seen: Overview, asked: dict[str, str]) -> dict[str, Any]:
    """Everything that the page shows."""
    scale = scale_of([each.lines for each in seen.drawn if each.lines])
    span = SPAN_TOLD[asked["span"]]
    labels = [f"{name}, {span}" for name in NAMES]
    return {
        "cards": [card(each, scale, labels) for each in seen.drawn],
        "scale": scale,
        "sums": sums(seen, span),
        "span_told": span,
        "tabs": [
            {
                "label": group.title,
                "count": group.count,
                "current": group.key == asked["state"],
                "url": query(asked | {"state": group.key}),
            }
            for group in seen.groups
        ],
        "spans": choices(asked, "span", SPAN_WORDS),
        "views": choices(asked, "view", VIEWS),
        "selects": [
            {"name": "sort", "label": "Order", "value": asked["sort"], "options": SORTS},
        ],
        "kept": [
            (name, value) for name, value in given(asked).items() if name not in ("search", "sort")
        ],
        "pause_url": query(asked | {"paused": "" if asked["paused"] else "1"}),
    }


def sums(seen: Overview, span: str) -> list[Figure]:
    """The figures of all containers together, with their lines on a scale of their own."""
    scale = scale_of([seen.sum_lines])
    tops = (
        *(f"{scale.cpu:g} %", figures.size(scale.memory)),
        *(figures.rate(scale.network), figures.rate(scale.block)),
    )
    labels = [
        f"{name} of all containers, {span}, from 0 to {top}"
        for name, top in zip(NAMES, tops, strict=True)
    ]
    sparks = sparks_of(seen.sum_lines, scale, labels)
    cpu, memory, *flows = seen.sums
    network_in, network_out, block_in, block_out = map(figures.rate, flows)
    return [
        Figure(
            title="CPU",
            icon="cpu",
            value=figures.UNKNOWN if cpu is None else f"{cpu:.1f}",
            unit="% of a core",
            sub="all containers together",
            spark=sparks.cpu,
        ),
        Figure(
            title="Memory",
            icon="memory",
            value=figures.size(memory),
            sub="without what the kernel would give up",
            spark=sparks.memory,
        ),
        Figure(
            title="Network",
            icon="wifi-high",
            pair=[("rx", "In", network_in), ("tx", "Out", network_out)],
            spark=sparks.network,
        ),
        Figure(
            title="Block I/O",
            icon="hard-drive",
            pair=[("rx", "Read", block_in), ("tx", "Written", block_out)],
            spark=sparks.block,
        ),
    ]


def choices(asked: dict[str, str], name: str, words: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"label": word, "current": key == asked[name], "url": query(asked | {name: key})}
        for key, word in words.items()
    ]


def query(asked: dict[str, str]) -> str:
    return f"?{urlencode(given(asked))}"


def given(asked: dict[str, str]) -> dict[str, str]:
    """What differs from what is shown when nothing is asked for."""
    return {name: value for name, value in asked.items() if value and DEFAULTS.get(name) != value}

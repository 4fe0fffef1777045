"""What the page shows: some containers in an order, their lines, and the sums of all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator

from containermonkey.listing import Group
from containermonkey.problems import Problem
from containers.overview import GROUPS
from containers.queries import ALIVE, SORT_KEYS, matching
from stats.collector import Look, collector
from stats.rings import FIELDS, POINTS, SPANS, UNKNOWN
from stats.rounds import Round, Usage

PAGE_SIZE = 100

MOST_CPU_FIRST = "-cpu"

FIGURES: dict[str, Callable[[Usage], float | None]] = {
    "cpu": lambda usage: usage.stats.cpu_percent,
    "memory": lambda usage: usage.stats.memory_usage,
    "network": lambda usage: sum_of((usage.network_in, usage.network_out)),
    "block": lambda usage: sum_of((usage.block_in, usage.block_out)),
    "pids": lambda usage: usage.stats.pids,
}
"""What can be sorted by, besides the name and the state."""

Lines = list[list[float]]
"""One for each of FIELDS."""


@dataclass(frozen=True)
class Drawn:
    """A container with its lines; None where it has none."""

    usage: Usage
    lines: Lines | None


@dataclass(frozen=True)
class Overview:
    """A page of the containers, with the lines of the span that was asked for.

    `sums` are the figures of all containers together, `sum_lines` their lines. With a `problem`
    everything is as it was at `collected_at`, which is None where nothing was ever seen.
    """

    page: Page
    drawn: list[Drawn]
    total: int
    running: int
    groups: list[Group]
    sums: list[float | None]
    sum_lines: Lines
    collected_at: datetime | None
    problem: Problem | None


def overview(search: str, state: str, sort: str, span: str, page: str) -> Overview:
    """The containers in which all words of `search` are found, of a group of states, in an order.

    What is unknown sorts last either way; an unknown order is by CPU, an unknown span is live.
    """
    seen = collector.look()
    usages = seen.round.usages if seen.round else []
    found = searched(usages, search)
    _, belongs = GROUPS.get(state, GROUPS[""])
    in_group = in_order([each for each in found if belongs(each.container)], sort)
    shown = Paginator(in_group, PAGE_SIZE).get_page(page)
    lines = lines_of(seen, span if span in SPANS else "live")
    return Overview(
        page=shown,
        drawn=[Drawn(each, lines.get(each.container.id)) for each in shown],
        total=len(usages),
        running=sum(1 for each in usages if each.container.status in ALIVE),
        groups=[
            Group(key, title, sum(1 for each in found if fits(each.container)))
            for key, (title, fits) in GROUPS.items()
        ],
        sums=sums_of(usages),
        sum_lines=summed(lines.values()),
        collected_at=seen.round.collected_at if seen.round else None,
        problem=seen.problem,
    )


def read_anew() -> None:
    """Have a round read now, whatever the time since the last one."""
    collector.look(anew=True)


def searched(usages: list[Usage], search: str) -> list[Usage]:
    if not search.strip():
        return usages
    found = {each.id for each in matching((usage.container for usage in usages), search)}
    return [usage for usage in usages if usage.container.id in found]


def in_order(usages: list[Usage], sort: str) -> list[Usage]:
    """Sorted by `sort`, by name where that is the same, and what is unknown last."""
    key = sort.removeprefix("-")
    if key not in FIGURES and key not in ("name", "state"):
        key, sort = MOST_CPU_FIRST.removeprefix("-"), MOST_CPU_FIRST
    downwards = sort.startswith("-")
    by_name = sorted(usages, key=lambda usage: usage.container.name.casefold())
    if key in ("name", "state"):
        of_container = SORT_KEYS[key]
        return sorted(by_name, key=lambda usage: of_container(usage.container), reverse=downwards)
    figure = FIGURES[key]
    known = [usage for usage in by_name if figure(usage) is not None]
    unknown = [usage for usage in by_name if figure(usage) is None]
    sorting: Callable[[Usage], Any] = figure
    return [*sorted(known, key=sorting, reverse=downwards), *unknown]


def lines_of(seen: Look, span: str) -> dict[str, Lines]:
    """The lines of all containers that have any, by id, up to the last round."""
    found: Round | None = seen.round
    if found is None:
        return {}
    now = found.collected_at.timestamp()
    lines = {
        usage.container.id: collector.history.lines(usage.container.id, span, now)
        for usage in found.usages
    }
    return {container_id: each for container_id, each in lines.items() if each is not None}


def sum_of(values: Iterable[float | None]) -> float | None:
    """The sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def sums_of(usages: list[Usage]) -> list[float | None]:
    figures = [usage.figures() for usage in usages]
    return [sum_of(each[field] for each in figures) for field in range(len(FIELDS))]


def summed(lines: Iterable[Lines]) -> Lines:
    """The sums of many containers' lines, field by field; unknown where all are."""
    by_field = list(zip(*lines, strict=True))
    if not by_field:
        return [[UNKNOWN] * POINTS for _ in FIELDS]
    return [[sum_of_known(values) for values in zip(*each, strict=True)] for each in by_field]


def sum_of_known(values: tuple[float, ...]) -> float:
    known = [value for value in values if value == value]
    return sum(known) if known else UNKNOWN

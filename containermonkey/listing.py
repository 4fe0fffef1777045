"""Lists as their pages ask for them: which rows, in which order, and what can be chosen instead."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

T = TypeVar("T")

NEVER = datetime.min.replace(tzinfo=UTC)
"""Where a time is missing, in an order: before all others."""

DEFAULT_ORDER = "name"


@dataclass(frozen=True)
class Group:
    """A group that a list can be narrowed to, and how many are in it."""

    key: str
    title: str
    count: int


def with_words(things: Iterable[T], search: str, holds: Callable[[T, str], bool]) -> list[T]:
    """Those that hold every word of `search`; `holds` is asked for one in small letters."""
    words = search.casefold().split()
    return [thing for thing in things if all(holds(thing, word) for word in words)]


def in_order(things: Iterable[T], sort: str, keys: Mapping[str, Callable[[T], Any]]) -> list[T]:
    """Sorted by one of `keys`, and by name where that is the same.

    `-` before it turns it round; an unknown one counts as name.
    """
    by_name = sorted(things, key=keys[DEFAULT_ORDER])
    key = keys.get(sort.removeprefix("-"), keys[DEFAULT_ORDER])
    return sorted(by_name, key=key, reverse=sort.startswith("-"))


def given(asked: Mapping[str, str]) -> dict[str, str]:
    """What differs from what is shown when nothing is asked for."""
    plain = {"sort": DEFAULT_ORDER}
    return {name: value for name, value in asked.items() if value and plain.get(name) != value}


def kept(asked: Mapping[str, str], *, without: Iterable[str] = ()) -> list[tuple[str, str]]:
    """What a search keeps of what is asked for; `without` the fields that stand beside it."""
    left_out = {"search", *without}
    return [(name, value) for name, value in given(asked).items() if name not in left_out]


def tabs_of(groups: Iterable[Group], asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """The tabs by which a `state` is chosen; each keeps what else is asked for."""
    return [
        {
            "label": group.title,
            "count": group.count,
            "current": group.key == asked["state"],
            "url": f"?{urlencode(given({**asked, 'state': group.key}))}",
        }
        for group in groups
    ]

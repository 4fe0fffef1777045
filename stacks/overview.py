"""The page of all stacks: what is shown of how many."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator

from backups.sets.queries import newest_sets
from containermonkey.listing import NEVER, in_order, with_words
from stacks.presentation import Row, rows_of
from stacks.services import stacks_and_lost_ones

PAGE_SIZE = 100

ORDER = ("running", "partial", "stopped")

SORT_KEYS: dict[str, Callable[[Row], Any]] = {
    "name": lambda row: row.stack.name.casefold(),
    "state": lambda row: (not row.stack.is_here, ORDER.index(row.stack.status)),
    "kind": lambda row: row.stack.kind,
    "containers": lambda row: len(row.stack.containers),
    "backup": lambda row: row.last_backup or NEVER,
}


@dataclass(frozen=True)
class Overview:
    """A page of the stacks that match; `total` of all that there are."""

    page: Page
    total: int


def overview(search: str = "", sort: str = "name", page: str = "1") -> Overview:
    """The stacks in whose name, services, images or containers all words are found.

    An unknown `sort` counts as name; `-` before it turns it round.
    """
    everything = rows_of(stacks_and_lost_ones(), newest_sets())
    found = in_order(with_words(everything, search, found_in), sort, SORT_KEYS)
    return Overview(Paginator(found, PAGE_SIZE).get_page(page), len(everything))


def found_in(row: Row, word: str) -> bool:
    stack = row.stack
    services = [f"{service.name} {service.image}" for service in stack.services]
    names = [container.name for container in stack.containers]
    texts = [stack.name, stack.kind, *services, *names]
    return any(word in text.casefold() for text in texts)

"""The page of what is protected and what is not: what is shown of how many."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator

from backups.protection.queries import OLD_AFTER, protection
from backups.protection.types import Item, State

PAGE_SIZE = 100
STATES: dict[State, str] = {
    "never": "Never",
    "old": "Old",
    "excluded": "Left out",
    "protected": "Protected",
    "impossible": "Cannot be saved",
}
"""The states in words, the one that asks loudest for something to be done first."""

AGES = (1, 7, 30)
"""Days after which a backup may be said to count as old."""


@dataclass(frozen=True)
class Overview:
    """A page of what matches; `counts` are of what search, stack and container leave, by state."""

    items: list[Item]
    page: Page
    counts: dict[str, int]
    stacks: list[str]
    total: int


def overview(
    *,
    search: str = "",
    state: str = "",
    stack: str = "",
    older_than: int = OLD_AFTER,
    page: int | str = 1,
    page_size: int = PAGE_SIZE,
) -> Overview:
    """What is protected and what is not, the most urgent first; an unknown state counts as all."""
    everything = protection(older_than)
    found = matching((item for item in everything if not stack or item.stack == stack), search)
    counts = Counter(item.state for item in found)
    shown = [item for item in found if state not in STATES or item.state == state]
    places = list(STATES)
    shown.sort(key=lambda item: (places.index(item.state), item.container.casefold()))
    paged = Paginator(shown, page_size).get_page(page)
    return Overview(
        items=list(paged),
        page=paged,
        counts={key: counts[key] for key in STATES},
        stacks=sorted({item.stack for item in everything if item.stack}),
        total=len(everything),
    )


def matching(items: Iterable[Item], search: str) -> list[Item]:
    """Those in which every word of `search` is found."""
    words = search.casefold().split()
    return [item for item in items if all(word in text_of(item) for word in words)]


def text_of(item: Item) -> str:
    parts = (item.container, item.stack or "", item.type, item.name, item.destination)
    return "\n".join(parts).casefold()

"""The page of all volumes: what is shown of how many."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator

from volumes.listing import in_order, list_volumes, matching
from volumes.types import Volume

PAGE_SIZE = 100


@dataclass(frozen=True)
class Overview:
    """A page of the volumes that match; `total`, `used` and `size` are of all that there are.

    `size` are bytes, None where sizes were not asked for.
    """

    volumes: list[Volume]
    page: Page
    total: int
    used: int
    size: int | None


def overview(
    search: str = "", sort: str = "name", page: str = "1", *, sizes: bool = False
) -> Overview:
    """The volumes in which the words are found, sorted, a page of them."""
    everything = list_volumes(sizes=sizes)
    shown = Paginator(in_order(matching(everything, search), sort), PAGE_SIZE).get_page(page)
    return Overview(
        volumes=list(shown),
        page=shown,
        total=len(everything),
        used=sum(1 for volume in everything if volume.in_use_by),
        size=sum(volume.size or 0 for volume in everything) if sizes else None,
    )

"""The page of all volumes: what is shown of how many."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator

from volumes.annotations import last_backups
from volumes.listing import in_order, list_volumes, matching
from volumes.types import Volume

PAGE_SIZE = 100


@dataclass(frozen=True)
class Row:
    volume: Volume
    last_backup: datetime | None


@dataclass(frozen=True)
class Overview:
    """A page of the volumes that match, and when each was last saved.

    `total`, `used` and `size` are of all that there are.

    `size` are bytes, None where sizes were not asked for.
    """

    rows: list[Row]
    page: Page
    total: int
    used: int
    size: int | None


def overview(
    search: str = "", sort: str = "name", page: str = "1", *, sizes: bool = False
) -> Overview:
    """The volumes in which the words are found, sorted, a page of them."""
    everything, backed_up = list_volumes(sizes=sizes), last_backups()
    found = in_order(matching(everything, search), sort, backed_up)
    shown = Paginator(found, PAGE_SIZE).get_page(page)
    return Overview(
        rows=[Row(volume, backed_up.get(volume.name)) for volume in shown],
        page=shown,
        total=len(everything),
        used=sum(1 for volume in everything if volume.in_use_by),
        size=sum(volume.size or 0 for volume in everything) if sizes else None,
    )

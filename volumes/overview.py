"""The page of all volumes: what is shown of how many."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator

from volumes.annotations import last_backups
from volumes.listing import in_order, list_volumes, matching
from volumes.sizes import Counting, counting
from volumes.types import Volume

PAGE_SIZE = 100


@dataclass(frozen=True)
class Row:
    volume: Volume
    last_backup: datetime | None


@dataclass(frozen=True)
class Overview:
    """A page of the volumes that match, and when each was last saved.

    `total`, `used` and `size` are of all that there are; `size` in bytes, None where nobody asked
    for sizes lately. `unsized` counts those whose size is not known then.
    """

    rows: list[Row]
    page: Page
    total: int
    used: int
    counting: Counting
    size: int | None
    unsized: int


def overview(search: str = "", sort: str = "name", page: str = "1") -> Overview:
    """The volumes in which the words are found, sorted, a page of them.

    With the sizes that are remembered; the Engine is not asked for them.
    """
    counts = counting()
    sizes = counts.known.of if counts.known else {}
    everything, backed_up = list_volumes(sizes=sizes), last_backups()
    found = in_order(matching(everything, search), sort, backed_up)
    shown = Paginator(found, PAGE_SIZE).get_page(page)
    known = [volume.size for volume in everything if volume.size is not None]
    return Overview(
        rows=[Row(volume, backed_up.get(volume.name)) for volume in shown],
        page=shown,
        total=len(everything),
        used=sum(1 for volume in everything if volume.in_use_by),
        counting=counts,
        size=sum(known) if counts.known else None,
        unsized=len(everything) - len(known),
    )

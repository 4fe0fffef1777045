"""The page of all networks: what is shown of how many, and when each was last backed up."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator

from networks.annotations import last_backups
from networks.queries import in_order, list_networks, matching
from networks.types import Network

PAGE_SIZE = 100


@dataclass(frozen=True)
class Row:
    network: Network
    last_backup: datetime | None


@dataclass(frozen=True)
class Overview:
    """A page of the networks that match; `total` and `used` are of all that there are."""

    rows: list[Row]
    page: Page
    total: int
    used: int


def overview(search: str = "", sort: str = "name", page: str = "1") -> Overview:
    """The networks in which the words are found, sorted, a page of them."""
    everything, backed_up = list_networks(), last_backups()
    found = in_order(matching(everything, search), sort, backed_up)
    shown = Paginator(found, PAGE_SIZE).get_page(page)
    return Overview(
        rows=[Row(network, backed_up.get(network.name)) for network in shown],
        page=shown,
        total=len(everything),
        used=sum(1 for network in everything if network.containers),
    )

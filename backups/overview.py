"""The page of all backups: what is shown of how many, and what can be chosen instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet, Sum

from backups.errors import NoBackupDirectory
from backups.models import Backup
from backups.records import info_of
from backups.retention.alarm import open_alarms
from backups.scanning import survey
from backups.types import BackupInfo

PAGE_SIZE = 50
ORDERS = {
    "container": "container_name",
    "created": "created",
    "size": "size",
    "image": "image",
}
NEWEST_FIRST = "-created"
KIND_SELECT = {
    "name": "kind",
    "label": "Kind",
    "options": [
        ("", "All kinds"),
        ("container", "Containers"),
        ("network", "Networks"),
        ("volume", "Volumes"),
    ],
}


@dataclass(frozen=True)
class Loss:
    """What goes with backups: how many, their bytes, and the containers that they are of."""

    count: int
    size: int
    containers: list[str]


@dataclass(frozen=True)
class Overview:
    """One page of backups; `count` and `size` (bytes) are of all that there are.

    `missing` are listed and their files are gone; None where the whole directory is not there.
    `alarmed` are the containers of which a backup is suspiciously small, on whatever page it is.
    """

    backups: list[BackupInfo]
    page: Page
    count: int
    size: int
    missing: int | None
    selects: list[dict[str, Any]]
    alarmed: list[str]


def overview(
    *, search: str = "", container: str = "", kind: str = "", sort: str = "", page: str = "1"
) -> Overview:
    """The backups that match, in pages; an unknown order is the newest first."""
    totals = Backup.objects.aggregate(count=Count("pk"), size=Sum("size"))
    names = Backup.objects.order_by("container_name").values_list("container_name", flat=True)
    shown = Paginator(in_order(matching(search, container, kind), sort), PAGE_SIZE).get_page(page)
    return Overview(
        backups=[info_of(backup) for backup in shown],
        page=shown,
        count=totals["count"],
        size=totals["size"] or 0,
        missing=missing_files(),
        selects=[container_select(names.distinct(), container), KIND_SELECT | {"value": kind}],
        alarmed=sorted(set(open_alarms().values_list("container_name", flat=True))),
    )


def missing_files() -> int | None:
    """How many backups are listed and have no file; None where there is no directory."""
    try:
        return len(survey().missing)
    except NoBackupDirectory:
        return None


def loss_of(backups: QuerySet[Backup]) -> Loss:
    """What would be lost with these backups."""
    totals = backups.aggregate(count=Count("pk"), size=Sum("size"))
    names = backups.order_by("container_name").values_list("container_name", flat=True).distinct()
    return Loss(totals["count"], totals["size"] or 0, list(names))


def container_select(names: Iterable[str], chosen: str) -> dict[str, Any]:
    """The choice of a container, for the tool bar of the page."""
    options = [("", "All names"), *((name, name) for name in names)]
    return {"name": "container", "label": "Container", "options": options, "value": chosen}


def matching(search: str = "", container: str = "", kind: str = "") -> QuerySet[Backup]:
    """Those that have every word of `search` in their file's, container's or image's name.

    `container` is a container's whole name or id.
    """
    found = Backup.objects.select_related("schedule")
    for word in search.replace("\0", " ").split():
        found = found.filter(
            Q(filename__icontains=word)
            | Q(container_name__icontains=word)
            | Q(image__icontains=word)
        )
    # PostgreSQL refuses the character that is taken out.
    container, kind = (each.replace("\0", "\ufffd") for each in (container, kind))
    if container:
        found = found.filter(Q(container_name=container) | Q(container_id=container))
    return found.filter(kind=kind) if kind else found


def in_order(found: QuerySet[Backup], sort: str) -> QuerySet[Backup]:
    column = ORDERS.get(sort.removeprefix("-"))
    if column is None:
        return found.order_by(NEWEST_FIRST, "-pk")
    sign = "-" if sort.startswith("-") else ""
    return found.order_by(f"{sign}{column}", NEWEST_FIRST, "-pk")

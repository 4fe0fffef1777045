"""The sets that there are: which archives were made of one stack at one moment."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from backups.models import Backup
from backups.records import info_of
from backups.types import BackupInfo
from containermonkey.problems import NotFound

NEWEST = 50
"""Sets of a stack that are shown at once."""


@dataclass(frozen=True)
class BackupSet:
    """The archives of one stack's backup, by container; `size` in bytes.

    `missing` names the members whose archive has been deleted, or was not brought along.
    """

    set_id: UUID
    stack: str
    kind: str
    created: datetime
    size: int
    verified: bool
    backups: list[BackupInfo]
    missing: list[str]


def find_set(set_id: UUID | str) -> BackupSet:
    """Raise NotFound if no archive of this set is listed."""
    try:
        rows = list(Backup.objects.filter(set_id=UUID(str(set_id))))
    except ValueError:
        rows = []
    if not rows:
        raise NotFound("There is no such set of backups.")
    return set_of(rows)


def sets_of(stack: str, newest: int = NEWEST) -> list[BackupSet]:
    """The sets of a stack, the newest first; two queries whatever their number."""
    found = Backup.objects.filter(stack=stack.replace("\0", "\ufffd"), set_id__isnull=False)
    ids = found.values("set_id").annotate(made=Max("created")).order_by("-made")[:newest]
    by_set: defaultdict[UUID | None, list[Backup]] = defaultdict(list)
    for row in Backup.objects.filter(set_id__in=[each["set_id"] for each in ids]):
        by_set[row.set_id].append(row)
    return [set_of(by_set[each["set_id"]]) for each in ids]


def newest_sets() -> dict[str, datetime]:
    """When each stack was last backed up whole, by its name."""
    rows = Backup.objects.filter(set_id__isnull=False).values("stack")
    return {row["stack"]: row["made"] for row in rows.annotate(made=Max("created")).order_by()}


def set_of(rows: list[Backup]) -> BackupSet:
    """The set that these records are of; of a container that is there twice, the first."""
    by_name = {row.container_name: row for row in reversed(rows)}
    about: dict[str, Any] = rows[0].metadata.get("stack") or {}
    members: list[str] = about.get("members") or []
    order = [name for name in members if name in by_name]
    kept = [by_name[name] for name in [*order, *sorted(by_name.keys() - set(order))]]
    return BackupSet(
        set_id=rows[0].set_id or UUID(int=0),
        stack=rows[0].stack,
        kind=about.get("kind", "compose"),
        created=max(row.created for row in kept),
        size=sum(row.size for row in kept),
        verified=all(row.verified for row in kept),
        backups=[info_of(row) for row in kept],
        missing=[name for name in members if name not in by_name],
    )

"""Which backups hold the content of a volume."""

import json
from datetime import datetime

from django.db.models import TextField
from django.db.models.functions import Cast

from backups.files import sizes_if_any
from backups.models import Backup, Kind
from backups.protection.saved import good_backups
from backups.records import file_state
from volumes.types import SavedIn

MOST = 20
"""How many backups of a volume its page names: the newest."""


def backups_of_volume(volume: str) -> list[SavedIn]:
    """The newest good backups that hold a volume's content, the newest first."""
    # SQLite cannot look into a list within JSON, so the words are searched for and then read.
    rows = (
        Backup.objects.filter(kind__in=(Kind.CONTAINER, Kind.VOLUME), verified=True)
        .annotate(words=Cast("metadata", TextField()))
        .filter(words__contains=json.dumps(volume))
        .order_by("-created", "-pk")
    )
    found: list[SavedIn] = []
    for backup in rows.iterator(chunk_size=MOST):
        if is_in(volume, backup) and file_state(backup) == "present":
            found.append(saved_in(backup))
        if len(found) == MOST:
            break
    return found


def saved_in(backup: Backup) -> SavedIn:
    container = "" if backup.kind == Kind.VOLUME else backup.container_name
    return SavedIn(backup.filename, container, backup.created)


def last_backups_of_volumes() -> dict[str, datetime]:
    """When the content of each volume was last saved, by the volume's name; one query.

    A backup counts if it was found good and its file is there as it was.
    """
    there = sizes_if_any()
    found: dict[str, datetime] = {}
    for _, _, filename, size, created, volumes, _ in good_backups():
        if there.get(filename) == size:
            for volume in volumes or []:
                if volume["type"] == "volume":
                    found.setdefault(volume["name"], created)
    return found


def is_in(volume: str, backup: Backup) -> bool:
    """Whether a backup's record names the volume as one whose content it holds."""
    saved = backup.metadata.get("volumes", [])
    return any(each["type"] == "volume" and each["name"] == volume for each in saved)

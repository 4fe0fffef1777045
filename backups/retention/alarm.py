"""The alarm when a backup is suddenly much smaller than those before: data may have been lost.

What is compared is the data in it, before compression; the image does not count, and folders of
the host only where the new backup has some: they may just not have been asked for this time.
"""

from statistics import median
from typing import Any

from django.db.models import QuerySet

from accounts.audit import audited
from backups.models import Backup, Kind
from containermonkey import figures

COMPARED = 5
"""How many backups before this one are looked at."""

SMALL = 0.5
"""The share of their median below which there is an alarm."""

SMALLEST_LOSS = 64 * 1024
"""Bytes; what is less than that is no loss worth an alarm."""


def usual_size(backup: Backup) -> int | None:
    """The size in bytes that a new backup should have had, if its own is suspiciously small."""
    with_folders = has_folders(backup.metadata)
    sizes = [data_size(metadata, with_folders) for metadata in those_before(backup)]
    usual = round(median(sizes)) if sizes else 0
    size = data_size(backup.metadata, with_folders)
    return usual if size < SMALL * usual and usual - size >= SMALLEST_LOSS else None


def those_before(backup: Backup) -> list[dict[str, Any]]:
    """The metadata of the container's last backups that count for what is usual.

    Those with an alarm do not; once somebody has seen it, only it and what came after it do.
    """
    found = Backup.objects.filter(
        kind=Kind.CONTAINER, container_name=backup.container_name, created__lt=backup.created
    ).order_by("-created", "-pk")
    if seen := found.filter(seen_smaller=True).first():
        found = found.filter(created__gte=seen.created)
    usual = found.exclude(usual_size__isnull=False, seen_smaller=False)
    return list(usual.values_list("metadata", flat=True)[:COMPARED])


def data_size(metadata: dict[str, Any], with_folders: bool) -> int:
    """The bytes of content in the volumes of a backup, and in its folders if they count."""
    return sum(
        volume["size"]
        for volume in metadata.get("volumes", [])
        if with_folders or volume["type"] != "bind"
    )


def has_folders(metadata: dict[str, Any]) -> bool:
    return any(volume["type"] == "bind" for volume in metadata.get("volumes", []))


def open_alarms() -> QuerySet[Backup]:
    """The backups that nobody has said yet are small for a good reason."""
    return Backup.objects.filter(usual_size__isnull=False, seen_smaller=False)


def alarm_of(backup: Backup) -> str:
    """The alarm of a backup, in a sentence; nothing where there is none or it has been seen."""
    if backup.usual_size is None or backup.seen_smaller:
        return ""
    size = data_size(backup.metadata, has_folders(backup.metadata))
    return (
        f"It holds {figures.size(size)} of data; the backups before it held about "
        f"{figures.size(backup.usual_size)}."
    )


def take_note(backup: Backup) -> None:
    """Say that the container's backups so far are as small as they should be.

    Retention goes on with it, and what comes is compared with these.
    """
    with audited("backup.alarm_seen", backup.filename):
        Backup.objects.filter(pk=backup.pk).update(seen_smaller=True)
        open_alarms().filter(
            container_name=backup.container_name, created__lte=backup.created
        ).update(seen_smaller=True)

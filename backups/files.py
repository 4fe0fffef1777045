"""Archives as files in the backup directory."""

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from backups.models import Backup
from containermonkey.problems import NotFound
from engine.names import shortened

SUFFIX = ".tar.gz"
PARTIAL = ".partial"

REMOVE_UNFINISHED = "backups.remove_unfinished"
"""The undo action of an archive that is being written."""


def archive_path(filename: str) -> Path:
    """Where an archive that is listed lies. Raise NotFound if it is not listed, or not there."""
    path = Path(settings.BACKUP_DIR) / filename
    if not Backup.objects.filter(filename=filename).exists():
        raise NotFound(f"There is no backup named {shortened(filename)}.")
    if not path.is_file():
        raise NotFound(f"The archive {filename} is listed, but its file is gone.")
    return path


def free_filename(name: str, created: datetime) -> str:
    """`<name>_<YYYYMMDD_HHMMSS>.tar.gz` in UTC, with a number behind it where it is taken."""
    stem = f"{name}_{created.astimezone(UTC):%Y%m%d_%H%M%S}"
    filename, number = stem + SUFFIX, 1
    while is_taken(filename):
        number += 1
        filename = f"{stem}-{number}{SUFFIX}"
    return filename


def is_taken(filename: str) -> bool:
    """Whether there is an archive, a half-written one or a record of that name."""
    path = Path(settings.BACKUP_DIR) / filename
    return (
        path.exists()
        or path.with_name(filename + PARTIAL).exists()
        or Backup.objects.filter(filename=filename).exists()
    )


def remove_unfinished(filename: str) -> None:
    """Remove what a backup that did not get through left; never an archive that is listed."""
    path = Path(settings.BACKUP_DIR) / filename
    path.with_name(filename + PARTIAL).unlink(missing_ok=True)
    if not Backup.objects.filter(filename=filename).exists():
        path.unlink(missing_ok=True)

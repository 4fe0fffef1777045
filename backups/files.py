"""Archives as files in the backup directory."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from backups.archive.partial import remove_left_over
from backups.archive.writer import ArchiveWriter
from backups.errors import NoBackupDirectory
from backups.models import Backup
from containermonkey.problems import NotFound
from engine.names import shortened
from jobs.registry import undo_action
from jobs.undo import Undo

SUFFIX = ".tar.gz"
PARTIAL = ".partial"

LONGEST_NAME = 200
"""Letters of a container's name that fit into a file's name beside everything else."""

REMOVE_UNFINISHED = "backups.remove_unfinished"
"""The undo action of an archive that is being written."""


class FileIsGone(NotFound):
    """A backup is listed, and its archive lies where it was no more."""


def archive_path(filename: str) -> Path:
    """Where an archive that is listed lies. Raise NotFound if it is not listed, FileIsGone if it
    is not there."""
    path = Path(settings.BACKUP_DIR) / filename
    if not Backup.objects.filter(filename=filename).exists():
        raise NotFound(f"There is no backup named {shortened(filename)}.")
    if not path.is_file():
        raise FileIsGone(f"The archive {filename} is listed, but its file is gone.")
    return path


def sizes_in_directory() -> dict[str, int]:
    """The bytes of each file in the backup directory, by its name. Symlinks count for nothing.

    Raise NoBackupDirectory where the directory is not there.
    """
    sizes = {}
    try:
        with os.scandir(settings.BACKUP_DIR) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    sizes[entry.name] = entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        raise NoBackupDirectory from None
    return sizes


def sizes_if_any() -> dict[str, int]:
    """The same, and nothing where there is no directory."""
    try:
        return sizes_in_directory()
    except NoBackupDirectory:
        return {}


def free_filename(name: str, created: datetime) -> str:
    """`<name>_<YYYYMMDD_HHMMSS>.tar.gz` in UTC, with a number behind it where it is taken."""
    return untaken(f"{name[:LONGEST_NAME]}_{created.astimezone(UTC):%Y%m%d_%H%M%S}")


def untaken(stem: str) -> str:
    """`<stem>.tar.gz`, with a number behind the stem where it is taken."""
    filename, number = stem + SUFFIX, 1
    while is_taken(filename):
        number += 1
        filename = f"{stem}-{number}{SUFFIX}"
    return filename


def is_taken(filename: str) -> bool:
    """Whether there is an archive, a half-written one or a record of that name."""
    path = Path(settings.BACKUP_DIR) / filename
    return (
        os.path.lexists(path)
        or os.path.lexists(path.with_name(filename + PARTIAL))
        or Backup.objects.filter(filename=filename).exists()
    )


@contextmanager
def new_archive(undo: Undo, name: str, created: datetime) -> Iterator[ArchiveWriter]:
    """A new archive under a free name, of which nothing stays behind unless the job gets through.

    Raise NoBackupDirectory where there is no place for archives.
    """
    archive, key = reserve(undo, name, created)
    with archive:
        partial = archive.path.with_name(archive.path.name + PARTIAL)
        undo.update(key, inode=partial.stat().st_ino)
        yield archive


def reserve(undo: Undo, name: str, created: datetime) -> tuple[ArchiveWriter, int]:
    """An archive under a free name, and the key of the undo that removes it."""
    while True:
        filename = free_filename(name, created)
        key = undo.write(REMOVE_UNFINISHED, filename=filename)
        try:
            return ArchiveWriter(Path(settings.BACKUP_DIR) / filename), key
        except FileExistsError:  # somebody was quicker, and keeps what is theirs
            undo.drop(key)
        except FileNotFoundError:
            raise NoBackupDirectory from None


def remove_left_behind() -> list[str]:
    """Remove what uploads and backups of processes that were killed left half written."""
    return remove_left_over(Path(settings.BACKUP_DIR).glob(f"*{SUFFIX}{PARTIAL}"))


@undo_action(REMOVE_UNFINISHED)
def remove_unfinished(filename: str, inode: int | None = None) -> None:
    """Remove what a backup that did not get through left; never an archive that is listed.

    A finished file goes only if it is the one that was written, or the empty one that took its
    name on a disk without hard links: another one may have taken the name meanwhile, and then it
    is somebody else's.
    """
    path = Path(settings.BACKUP_DIR) / filename
    path.with_name(filename + PARTIAL).unlink(missing_ok=True)
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    is_empty = inode is not None and stat.S_ISREG(found.st_mode) and not found.st_size
    is_ours = found.st_ino == inode or is_empty
    if is_ours and not Backup.objects.filter(filename=filename).exists():
        path.unlink(missing_ok=True)

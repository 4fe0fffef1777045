"""Reading a whole archive again, and what its record says of it afterwards."""

import errno
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from backups.archive.errors import ArchiveProblem
from backups.archive.verify import VerifyReport, verify
from backups.errors import NoBackupDirectory
from backups.models import Backup
from backups.records import GONE
from backups.services import find_backup
from containermonkey.problems import Problem
from containermonkey.storable import storable
from jobs.models import Job, Kind
from jobs.running import RunningJob
from jobs.services import User, enqueue

WHOLE_JOB = (0.0, 100.0)

UNREADABLE = "The disk cannot read the file of this backup."
ANOTHER = (
    "The file is a sound archive and not the one that was written: somebody has put another in "
    "its place."
)


class NotSound(Problem):
    """A backup's archive is not what was written; its record says so from now on."""

    status, code = 409, "not_sound"


def request_verify(filename: str, user: User = None) -> Job:
    """Put the check of a backup's whole archive into the queue. Raise NotFound for no backup."""
    backup = find_backup(filename)
    return enqueue(Kind.VERIFY, backup.container_name, {"filename": backup.filename}, user)


def not_verified_since(days: float) -> QuerySet[Backup]:
    """The backups whose last good check is longer ago than this, or never was; these first."""
    before = timezone.now() - timedelta(days=days)
    overdue = Backup.objects.filter(Q(verified_at=None) | Q(verified_at__lt=before))
    return overdue.order_by("verified", "verified_at", "pk")


def run_verify(running: RunningJob) -> dict[str, Any]:
    """Check an archive against its own sums and against its record. Raise NotSound if it fails."""
    backup = find_backup(running.arguments["filename"])
    running.start()
    report = check_again(running, backup, span=WHOLE_JOB)
    return {
        "filename": backup.filename,
        "size": report.size,
        "report": [f"{report.entries} entries in {report.parts} parts are as they were written."],
    }


def check_again(running: RunningJob, backup: Backup, *, span: tuple[float, float]) -> VerifyReport:
    """Read a backup's archive whole and have its record say what was found.

    Raise NotSound where it is gone, damaged or another one. A check that does not come to its end
    leaves the record as it was.
    """
    running.step("Checking the archive")
    try:
        report = read_whole(running, backup, span)
    except NotSound as problem:
        Backup.objects.filter(pk=backup.pk).update(verified=False, problem=storable(str(problem)))
        raise
    Backup.objects.filter(pk=backup.pk).update(
        verified=True, verified_at=timezone.now(), problem=""
    )
    return report


def read_whole(running: RunningJob, backup: Backup, span: tuple[float, float]) -> VerifyReport:
    """Read the file from the disk and compare it with its sums and its record."""
    path = Path(settings.BACKUP_DIR) / backup.filename
    try:
        running.measure(path.stat().st_size, span=span)
        report = verify(path, on_bytes=running.advance)
        path.stat()  # what was removed meanwhile could still be read to its end
    except FileNotFoundError:
        refuse_missing_directory(path.parent)
        raise NotSound(GONE) from None
    except ArchiveProblem as problem:
        raise NotSound(str(problem)) from problem
    except OSError as failure:
        if failure.errno != errno.EIO:
            raise
        raise NotSound(UNREADABLE) from failure
    if (report.sha256, report.size) != (backup.sha256, backup.size):
        raise NotSound(ANOTHER)
    return report


def refuse_missing_directory(directory: Path) -> None:
    """Raise NoBackupDirectory where there are none at all: that says nothing of a single one."""
    if not directory.is_dir():
        raise NoBackupDirectory

"""Downloading several backups as one file: prepared first, then streamed for who prepared it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from backups.bulk import tar
from backups.models import Backup, BulkDownload
from backups.records import file_state
from backups.services import find_backup
from containermonkey.figures import counted
from containermonkey.problems import Conflict, Invalid, NotFound
from jobs.models import Kind, Status
from jobs.services import Progress

LIVES_FOR = timedelta(hours=1)
MOST = 5000


@dataclass(frozen=True)
class Prepared:
    """A download that can be begun. `total_size` in bytes, of the one file that will arrive."""

    download_id: UUID
    files: list[str]
    total_size: int


def prepare(owner: int, filenames: Iterable[str] | None = None) -> Prepared:
    """Choose backups to be downloaded together, all of them where none are named.

    `owner` is the id of the user who alone may fetch them. Raise NotFound if one is not there,
    Invalid if there is none at all.
    """
    BulkDownload.objects.filter(created_at__lt=timezone.now() - 24 * LIVES_FOR).delete()
    if filenames is None:
        chosen = [backup for backup in Backup.objects.all() if file_state(backup) == "present"]
    else:
        chosen = [find_backup(filename) for filename in dict.fromkeys(filenames)]
    if not 1 <= len(chosen) <= MOST:
        raise Invalid(
            f"Choose from 1 to {MOST} backups.", fields={"filenames": f"must be 1 to {MOST}"}
        )
    entries = [tar.Entry.of(backup) for backup in chosen]
    refuse_missing(entries)
    download = BulkDownload.objects.create(
        user_id=owner, entries=[entry.as_row() for entry in entries]
    )
    return Prepared(download.download_id, [e.filename for e in entries], tar.size_of(entries))


def find_download(owner: int, download_id: UUID | str) -> BulkDownload:
    """A download that this user prepared. Raise NotFound for others', and when it is too old."""
    since = timezone.now() - LIVES_FOR
    try:
        return BulkDownload.objects.get(
            download_id=UUID(str(download_id)), user_id=owner, created_at__gt=since
        )
    except (BulkDownload.DoesNotExist, ValueError):
        raise NotFound("There is no such download, or it is too old. Prepare it again.") from None


def create(owner: int, download_id: UUID | str) -> Progress:
    """See that all of it is still there. The file itself is made while it is downloaded."""
    download = find_download(owner, download_id)
    refuse_missing(entries_of(download))
    BulkDownload.objects.filter(pk=download.pk).update(is_ready=True)
    download.is_ready = True
    return progress_of(download)


def progress_of(download: BulkDownload) -> Progress:
    """The state of a download as that of any long work; it is ready from `create` on."""
    count, ready = len(download.entries), download.is_ready
    size = tar.size_of(entries_of(download))
    return Progress(
        progress_id=download.download_id,
        kind=Kind.BULK_DOWNLOAD.value,
        container_name=counted(count, "backup"),
        status=(Status.COMPLETE if ready else Status.QUEUED).value,
        percent=100.0 if ready else None,
        step="Ready to be downloaded" if ready else "Prepared",
        bytes_done=size if ready else 0,
        bytes_total=size,
        queue_position=None,
        filename=tar.FILENAME,
        size=size,
        error=None,
        created_at=download.created_at,
        started_at=download.created_at if ready else None,
        finished_at=download.created_at if ready else None,
    )


def entries_of(download: BulkDownload) -> list[tar.Entry]:
    return [tar.Entry(*row) for row in download.entries]


def refuse_missing(entries: Iterable[tar.Entry]) -> None:
    """Raise Conflict, naming it, if an archive is not there any more as it was."""
    for entry in entries:
        if not entry.is_there():
            raise Conflict(
                f"{entry.filename} is not there any more as it was. "
                "Choose again what is to be downloaded."
            )

"""What may be asked of backups."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.audit import audited, require
from backups.archive.reader import ArchiveReader
from backups.files import archive_path, sizes_if_any
from backups.hooks import hooks_of
from backups.models import Backup, BulkDownload, Kind
from backups.options import BackupOptions, RestoreOptions
from backups.overview import matching
from backups.planning import plan_restore as make_plan
from backups.records import info_of
from backups.sources import refuse_ourselves
from backups.types import BackupInfo, Plan
from containermonkey.problems import Conflict, NotFound
from engine import engine
from engine.names import shortened
from jobs.models import ACTIVE, Job
from jobs.models import Kind as JobKind
from jobs.services import User, enqueue, enqueue_once

LARGEST_PAGE = 500

DOWNLOAD_IS_OVER = timedelta(minutes=1)
"""A download of several backups of which nothing was read for so long holds nothing up."""


def request_backup(
    reference: str, options: BackupOptions, user: User = None, *, once: bool = False
) -> Job:
    """Put a container's backup into the queue.

    `once` is for who may have clicked twice: the job that waits for just the same stands for it.

    Raise NotFound, or CannotBackUp for ourselves and for hooks that cannot be followed.
    """
    with engine() as docker:
        inspect = docker.find_container(reference)
    refuse_ourselves(inspect)
    hooks_of(inspect)
    name = inspect["Name"].removeprefix("/")
    put_in = enqueue_once if once else enqueue
    return put_in(JobKind.BACKUP, name, backup_arguments(inspect["Id"], name, options), user)


def queue_backup(
    container_id: str, name: str, options: BackupOptions, user: User = None, **more: Any
) -> Job:
    """Put the backup of a container that is known into the queue; `more` goes along with it."""
    arguments = backup_arguments(container_id, name, options) | more
    return enqueue(JobKind.BACKUP, name, arguments, user)


def backup_arguments(container_id: str, name: str, options: BackupOptions) -> dict[str, Any]:
    return {"container": container_id, "name": name, "options": options.as_arguments()}


def list_backups(
    *, search: str = "", container: str = "", kind: str = "", page: int = 1, page_size: int = 50
) -> tuple[list[BackupInfo], int]:
    """A page (from 1) of the backups, the newest first, and how many match in all.

    `search` are words, `container` is a name or an id; see `backups.overview.matching`.
    """
    found = matching(search, container, kind)
    size = min(max(page_size, 1), LARGEST_PAGE)
    first = (max(page, 1) - 1) * size
    return [info_of(backup) for backup in found[first : first + size]], found.count()


def find_backup(filename: str) -> Backup:
    """The record of an archive. Raise NotFound if there is none of that name."""
    backup = Backup.objects.filter(filename=filename).first() if "\0" not in filename else None
    if backup is None:
        raise NotFound(f"There is no backup named {shortened(filename)}.")
    return backup


def plan_restore(filename: str, options: RestoreOptions) -> Plan:
    """What a restore would do and meet, without doing it."""
    find_backup(filename)
    with ArchiveReader(archive_path(filename)) as archive, engine() as docker:
        return make_plan(docker, archive, options).in_words()


def request_restore(filename: str, options: RestoreOptions, user: User = None) -> Job:
    """Put a restore into the queue. Raise RestoreConflict if the options leave something open."""
    find_backup(filename)
    with ArchiveReader(archive_path(filename)) as archive, engine() as docker:
        plan = make_plan(docker, archive, options)
    plan.refuse_conflicts()
    if options.replaces:
        require("restore.replace", plan.name)
    arguments = {"filename": filename, "options": options.as_arguments()}
    return enqueue(JobKind.RESTORE, plan.name, arguments, user)


def delete_backup(filename: str) -> None:
    """Delete an archive and its record. Raise Conflict while a job or a download reads it."""
    with audited("backup.delete", filename):
        delete_now(find_backup(filename))


def delete_now(backup: Backup) -> None:
    using = next((job for job in Job.objects.filter(status__in=ACTIVE) if reads(job, backup)), None)
    if using:
        is_restored = using.kind in (JobKind.RESTORE, JobKind.STACK_RESTORE)
        act = "restored" if is_restored else "read"
        raise Conflict(f"{backup.filename} is being {act}; it can be deleted afterwards.")
    if backup.filename in names_being_downloaded():
        raise Conflict(f"{backup.filename} is being downloaded together with others.")
    # The record goes last: a record without its file says so, a file without a record is lost.
    (Path(settings.BACKUP_DIR) / backup.filename).unlink(missing_ok=True)
    backup.delete()


def reads(job: Job, backup: Backup) -> bool:
    """Whether a job is about an archive, alone or with others of its set."""
    about = job.arguments
    return backup.filename in (about.get("filename"), *about.get("filenames", []))


def names_being_downloaded() -> set[str]:
    """The archives of those downloads of several backups that go on now."""
    now = timezone.now()  # from which a note may lie far ahead, where the clock was set back
    lately = (now - DOWNLOAD_IS_OVER, now + DOWNLOAD_IS_OVER)
    going_on = BulkDownload.objects.filter(read_at__range=lately)
    return {entry[0] for each in going_on for entry in each.entries}


def last_backups(kind: str = Kind.CONTAINER) -> dict[str, datetime]:
    """When each container, or network, was last backed up, by its name.

    A backup counts if it was found good and its file is there as it was.
    """
    there = sizes_if_any()
    rows = Backup.objects.filter(kind=kind, verified=True).order_by("created")
    return {
        name: created
        for name, created, filename, size in rows.values_list(
            "container_name", "created", "filename", "size"
        ).iterator()
        if there.get(filename) == size
    }

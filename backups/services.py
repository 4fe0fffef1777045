"""What may be asked of backups."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.audit import audited
from backups import manifest as manifests
from backups.archive.listing import ListedFile
from backups.archive.reader import ArchiveReader
from backups.files import archive_path, sizes_if_any
from backups.hooks import hooks_of
from backups.models import Backup, BulkDownload, Kind
from backups.options import BackupOptions, RestoreOptions
from backups.overview import matching
from backups.planning import plan_restore as make_plan
from backups.records import info_of
from backups.sources import refuse_ourselves
from backups.types import ArchivedFile, BackupInfo, Conflict, Plan, Preview
from containermonkey.problems import Conflict as ConflictProblem
from containermonkey.problems import EngineUnreachable, NotFound
from engine import engine
from engine.names import shortened
from jobs.models import ACTIVE, Job
from jobs.models import Kind as JobKind
from jobs.services import User, enqueue

LARGEST_PAGE = 500

DOWNLOAD_IS_OVER = timedelta(minutes=1)
"""A download of several backups of which nothing was read for so long holds nothing up."""


def request_backup(reference: str, options: BackupOptions, user: User = None) -> Job:
    """Put a container's backup into the queue.

    Raise NotFound, or CannotBackUp for ourselves and for hooks that cannot be followed.
    """
    with engine() as docker:
        inspect = docker.find_container(reference)
    refuse_ourselves(inspect)
    hooks_of(inspect)
    return queue_backup(inspect["Id"], inspect["Name"].removeprefix("/"), options, user)


def queue_backup(
    container_id: str, name: str, options: BackupOptions, user: User = None, **more: Any
) -> Job:
    """Put the backup of a container that is known into the queue; `more` goes along with it."""
    arguments = {"container": container_id, "name": name, "options": options.as_arguments()}
    return enqueue(JobKind.BACKUP, name, arguments | more, user)


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


def preview(
    filename: str,
    *,
    path: str = "/",
    page: int = 1,
    page_size: int = 200,
    with_conflicts: bool = True,
) -> Preview:
    """What is in an archive, from its first and last bytes: the whole is not unpacked.

    `path` is `/` for the volumes themselves, or `/<key>/…` for what is in one of them.
    """
    backup = find_backup(filename)
    with ArchiveReader(archive_path(filename)) as archive:
        manifest = manifests.checked(archive.manifest)
        files, total = files_below(archive, manifest, path, page, min(page_size, LARGEST_PAGE))
        return Preview(
            backup=info_of(backup),
            manifest=manifest,
            inspect=manifests.checked_inspect(archive),
            networks=manifests.checked_networks(archive),
            compose=archive.read_file("backup/compose.yaml").decode(errors="replace"),
            files=files,
            files_total=total,
            conflicts=conflicts_of(archive) if with_conflicts else [],
            warnings=manifests.warnings_in(archive),
        )


def conflicts_of(archive: ArchiveReader) -> list[Conflict]:
    """What a restore without any option would meet; nothing is known of an Engine that is away."""
    try:
        with engine() as docker:
            return make_plan(docker, archive, RestoreOptions()).conflicts
    except EngineUnreachable as problem:
        return [Conflict("engine", "engine", str(problem))]


def files_below(
    archive: ArchiveReader, manifest: dict[str, Any], path: str, page: int, page_size: int
) -> tuple[list[ArchivedFile], int]:
    """One page of the entries of a folder inside an archive, and how many there are."""
    key, _, inner = path.strip("/").partition("/")
    if not key:
        roots = [root_of(archive, source) for source in manifest["sources"]]
        return roots, len(roots)
    listed = archive.list_files(key, f"/{inner}", max(page, 1), page_size)
    return [archived(key, file) for file in listed.entries], listed.total


def root_of(archive: ArchiveReader, source: dict[str, Any]) -> ArchivedFile:
    """A volume as a folder of the preview; its size is that of all files in it."""
    part = archive.index.tree(source["key"])
    size = part.content_size if part else 0
    kind = "file" if source.get("file") else "directory"
    return ArchivedFile(f"/{source['key']}", kind, size, 0, 0, 0, None, source["name"])


def archived(key: str, file: ListedFile) -> ArchivedFile:
    return ArchivedFile(
        path=f"/{key}{file.path}",
        type=file.type,
        size=file.size,
        mode=file.mode,
        uid=file.uid,
        gid=file.gid,
        modified=moment(file.mtime),
        target=file.target or "",
    )


def moment(seconds: float) -> datetime | None:
    """A file's time; None where a calendar has no such year."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


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
        raise ConflictProblem(f"{backup.filename} is being {act}; it can be deleted afterwards.")
    if backup.filename in names_being_downloaded():
        raise ConflictProblem(f"{backup.filename} is being downloaded together with others.")
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

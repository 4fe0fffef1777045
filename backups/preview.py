"""Looking into the archive of a container."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from backups import manifest as manifests
from backups.archive.listing import ListedFile
from backups.archive.reader import ArchiveReader
from backups.files import archive_path
from backups.options import RestoreOptions
from backups.planning import plan_restore
from backups.records import info_of
from backups.services import LARGEST_PAGE, find_backup
from backups.types import ArchivedFile, Conflict, Plan, Preview
from containermonkey.problems import EngineUnreachable
from engine import engine


def container_preview(
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
            conflicts=conflicts_met(lambda: plan_from(archive)) if with_conflicts else [],
            warnings=manifests.warnings_in(archive),
        )


def plan_from(archive: ArchiveReader) -> Plan:
    """What a restore without any option would do and meet."""
    with engine() as docker:
        return plan_restore(docker, archive, RestoreOptions()).in_words()


def conflicts_met(plan: Callable[[], Plan]) -> list[Conflict]:
    """What a plan would meet; nothing is known of an Engine that is away."""
    try:
        return plan().conflicts
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

"""Looking into the archive of a volume."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator

from backups import manifest as manifests
from backups.archive.errors import ArchiveProblem
from backups.archive.reader import ArchiveReader
from backups.asking import who_asked_for
from backups.browsing import (
    PAGE_NUMBER,
    PAGE_SIZE,
    Closed,
    Crumb,
    Row,
    VolumeRow,
    crumbs_of,
    row_of,
    volume_rows,
)
from backups.files import FileIsGone, archive_path
from backups.options import RestoreOptions
from backups.preview import conflicts_met, files_below
from backups.records import info_of
from backups.services import LARGEST_PAGE, find_backup
from backups.types import BackupInfo
from backups.volumes.restoring import plan_volume_restore


@dataclass(frozen=True)
class BrowsedVolume:
    """The backup of a volume opened at one folder, whose files of `page` are `rows`."""

    backup: BackupInfo
    manifest: dict[str, Any]
    volumes: list[VolumeRow]
    warnings: list[str]
    crumbs: list[Crumb]
    rows: list[Row]
    page: Page
    asked_by: str


def browsed_volume(filename: str, path: str = "", page: str = "") -> BrowsedVolume | Closed:
    """Open a backup at a folder. Raise NotFound if there is no such backup, or no such folder."""
    backup = info_of(find_backup(filename))
    number = int(page) if PAGE_NUMBER.fullmatch(page) else 1
    parts = [part for part in path.split("/") if part]
    try:
        with ArchiveReader(archive_path(filename)) as archive:
            manifest = manifests.checked_volume(archive.manifest)
            below = "/" + "/".join(parts)
            files, total = files_below(archive, manifest, below, number, PAGE_SIZE)
            warnings = manifests.warnings_in(archive)
    except (ArchiveProblem, FileIsGone) as problem:
        return Closed(backup, str(problem), who_asked_for(backup))
    volumes = volume_rows(backup, manifest)
    return BrowsedVolume(
        backup=backup,
        manifest=manifest,
        volumes=volumes,
        warnings=warnings,
        crumbs=crumbs_of(parts, {row.path: row.title for row in volumes}),
        rows=[row_of(filename, file) for file in files],
        page=Paginator(range(total), PAGE_SIZE).get_page(number),
        asked_by=who_asked_for(backup),
    )


def volume_preview(
    filename: str, *, path: str = "/", page: int = 1, page_size: int = 200
) -> dict[str, Any]:
    """A volume's backup in the form in which a container's is shown: without a container, and
    what would be in the way of restoring it as it was."""
    backup = info_of(find_backup(filename))
    with ArchiveReader(archive_path(filename)) as archive:
        manifest = manifests.checked_volume(archive.manifest)
        files, total = files_below(archive, manifest, path, page, min(page_size, LARGEST_PAGE))
        warnings = manifests.warnings_in(archive)
    return {
        **vars(backup),
        "container": None,
        "files": files,
        "files_total": total,
        "conflicts": conflicts_met(lambda: plan_volume_restore(filename, RestoreOptions())),
        "warnings": warnings,
    }

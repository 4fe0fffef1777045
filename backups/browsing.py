"""Looking into a backup: what is in it, and its files, a folder at a time."""

import re
import stat
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.urls import reverse

from accounts.masks import hides_secrets
from backups import services
from backups.archive.errors import ArchiveProblem
from backups.asking import who_asked_for
from backups.files import FileIsGone
from backups.preview import container_preview
from backups.records import info_of
from backups.saved import saved_container
from backups.transport import EngineTransport
from backups.types import ArchivedFile, BackupInfo, SavedVolume
from containers.types import ContainerDetails

PAGE_SIZE = 200
ENGINE = EngineTransport.name
PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)

TAKEN_OUT = ("file", "directory", "hard link")
"""What of a backup can be downloaded alone."""


@dataclass(frozen=True)
class Crumb:
    """A folder above the one that is shown; `path` leads there."""

    name: str
    path: str


@dataclass(frozen=True)
class VolumeRow:
    """A volume or folder as the page shows it; `path` opens it.

    `is_whole`: whether everything about its files was saved.
    """

    title: str
    path: str
    volume: SavedVolume
    download: str
    is_whole: bool


@dataclass(frozen=True)
class Row:
    """A file as the page shows it; `mode` as `0644`.

    `download` and `put_back` are addresses, empty for what cannot be taken out alone.
    """

    name: str
    file: ArchivedFile
    mode: str
    download: str
    put_back: str


@dataclass(frozen=True)
class Browsed:
    """A backup opened at one folder, whose files of `page` are `rows`; none at the top.

    `compose` is empty for those who may not read secrets: values of the environment are in it.
    """

    backup: BackupInfo
    manifest: dict[str, Any]
    container: ContainerDetails
    networks: list[dict[str, Any]]
    compose: str
    volumes: list[VolumeRow]
    warnings: list[str]
    crumbs: list[Crumb]
    rows: list[Row]
    page: Page
    asked_by: str


@dataclass(frozen=True)
class Closed:
    """A backup that cannot be looked into, and why: its record is all there is."""

    backup: BackupInfo
    closed: str
    asked_by: str


def browsed(filename: str, path: str = "", page: str = "") -> Browsed | Closed:
    """Open a backup at a folder. Raise NotFound if there is no such backup, or no such folder."""
    try:
        return opened(filename, path, page)
    except (ArchiveProblem, FileIsGone) as problem:
        backup = info_of(services.find_backup(filename))
        return Closed(backup, str(problem), who_asked_for(backup))


def opened(filename: str, path: str, page: str) -> Browsed:
    """What is in an archive that can be read."""
    number = int(page) if PAGE_NUMBER.fullmatch(page) else 1
    parts = [part for part in path.split("/") if part]
    found = container_preview(
        filename,
        path="/" + "/".join(parts),
        page=number,
        page_size=PAGE_SIZE,
        with_conflicts=False,
    )
    volumes = volume_rows(found.backup, found.manifest)
    return Browsed(
        backup=found.backup,
        manifest=found.manifest,
        container=saved_container(found.inspect),
        networks=found.networks,
        compose="" if hides_secrets() else found.compose,
        volumes=volumes,
        warnings=found.warnings,
        crumbs=crumbs_of(parts, {row.path: row.title for row in volumes}),
        rows=[row_of(filename, file) for file in found.files],
        page=Paginator(range(found.files_total), PAGE_SIZE).get_page(number),
        asked_by=who_asked_for(found.backup),
    )


def volume_rows(backup: BackupInfo, manifest: dict[str, Any]) -> list[VolumeRow]:
    """The volumes in words: those that the Engine named itself by where they are mounted."""
    sources = {item["key"]: item for item in manifest["sources"]}
    rows = []
    for volume in backup.metadata.volumes:
        source = sources.get(volume.key, {})
        title = "Anonymous volume" if source.get("anonymous") else volume.name
        way = source.get("transport") or manifest.get("transport") or ENGINE
        path = f"/{volume.key}"
        rows.append(
            VolumeRow(
                title=title,
                path=path,
                volume=volume,
                download=url_of("api:download_content", backup.filename, path),
                is_whole=way != ENGINE,
            )
        )
    return rows


def row_of(filename: str, file: ArchivedFile) -> Row:
    can_be_taken = file.type in TAKEN_OUT
    return Row(
        name=file.path.rpartition("/")[2],
        file=file,
        mode=f"{stat.S_IMODE(file.mode):04o}",
        download=url_of("api:download_content", filename, file.path) if can_be_taken else "",
        put_back=url_of("backups:put_back", filename, file.path) if can_be_taken else "",
    )


def url_of(view: str, filename: str, path: str) -> str:
    """The address of what is done with a file or folder of a backup."""
    return f"{reverse(view, args=[filename])}?{urlencode({'path': path})}"


def crumbs_of(parts: list[str], titles: dict[str, str]) -> list[Crumb]:
    paths = ["/" + "/".join(parts[: at + 1]) for at in range(len(parts))]
    return [Crumb(titles.get(path, path.rpartition("/")[2]), path) for path in paths]

"""Looking into a backup: what is in it, and its files, a folder at a time."""

import re
import stat
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator

from backups import services
from backups.saved import saved_container
from backups.transport import EngineTransport
from backups.types import ArchivedFile, BackupInfo, Preview, SavedVolume
from containers.types import ContainerDetails

PAGE_SIZE = 200
ENGINE = EngineTransport.name
PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


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
    is_whole: bool


@dataclass(frozen=True)
class Row:
    """A file as the page shows it; `mode` as `0644`."""

    name: str
    file: ArchivedFile
    mode: str


@dataclass(frozen=True)
class Browsed:
    """A backup opened at one folder, whose files of `page` are `rows`; none at the top."""

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


def browsed(filename: str, path: str = "", page: str = "") -> Browsed:
    """Open a backup at a folder. Raise NotFound if there is no such backup."""
    number = int(page) if PAGE_NUMBER.fullmatch(page) else 1
    parts = [part for part in path.split("/") if part]
    found = services.preview(
        filename,
        path="/" + "/".join(parts),
        page=number,
        page_size=PAGE_SIZE,
        with_conflicts=False,
    )
    volumes = volume_rows(found)
    return Browsed(
        backup=found.backup,
        manifest=found.manifest,
        container=saved_container(found.inspect),
        networks=found.networks,
        compose=found.compose,
        volumes=volumes,
        warnings=found.warnings,
        crumbs=crumbs_of(parts, {row.path: row.title for row in volumes}),
        rows=[row_of(file) for file in found.files],
        page=Paginator(range(found.files_total), PAGE_SIZE).get_page(number),
    )


def volume_rows(found: Preview) -> list[VolumeRow]:
    """The volumes in words: those that the Engine named itself by where they are mounted."""
    sources = {item["key"]: item for item in found.manifest["sources"]}
    rows = []
    for volume in found.backup.metadata.volumes:
        source = sources.get(volume.key, {})
        title = "Anonymous volume" if source.get("anonymous") else volume.name
        way = source.get("transport") or found.manifest.get("transport") or ENGINE
        rows.append(VolumeRow(title, f"/{volume.key}", volume, is_whole=way != ENGINE))
    return rows


def row_of(file: ArchivedFile) -> Row:
    return Row(file.path.rpartition("/")[2], file, f"{stat.S_IMODE(file.mode):04o}")


def crumbs_of(parts: list[str], titles: dict[str, str]) -> list[Crumb]:
    paths = ["/" + "/".join(parts[: at + 1]) for at in range(len(parts))]
    return [Crumb(titles.get(path, path.rpartition("/")[2]), path) for path in paths]

"""Looking into a backup: what is in it, and its files, a folder at a time."""

import re
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator

from backups import services
from backups.saved import saved_container
from backups.types import ArchivedFile, BackupInfo, SavedVolume
from containers.types import ContainerDetails

PAGE_SIZE = 200
PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


@dataclass(frozen=True)
class Crumb:
    """A folder above the one that is shown; `path` leads there."""

    name: str
    path: str


@dataclass(frozen=True)
class Row:
    """A file as the page shows it; `mode` as `0644`."""

    name: str
    file: ArchivedFile
    mode: str


@dataclass(frozen=True)
class Browsed:
    """A backup opened at one folder; `rows` are the files of `page`.

    `volume` is the one that the folder lies in, None at the top, where the volumes are listed.
    """

    backup: BackupInfo
    manifest: dict[str, Any]
    container: ContainerDetails
    networks: list[dict[str, Any]]
    compose: str
    volume: SavedVolume | None
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
    volumes = {volume.key: volume for volume in found.backup.metadata.volumes}
    return Browsed(
        backup=found.backup,
        manifest=found.manifest,
        container=saved_container(found.inspect),
        networks=found.networks,
        compose=found.compose,
        volume=volumes.get(parts[0]) if parts else None,
        crumbs=crumbs_of(parts),
        rows=[row_of(file) for file in found.files],
        page=Paginator(range(found.files_total), PAGE_SIZE).get_page(number),
    )


def row_of(file: ArchivedFile) -> Row:
    return Row(file.path.rpartition("/")[2], file, f"{file.mode:04o}")


def crumbs_of(parts: list[str]) -> list[Crumb]:
    return [Crumb(part, "/" + "/".join(parts[: at + 1])) for at, part in enumerate(parts)]

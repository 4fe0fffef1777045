"""The files of a volume as the pages show them."""

import re
import stat
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.urls import reverse

from volumes.files import pictures, services
from volumes.files.highlighting import highlighted, in_lines, numbers_of
from volumes.files.types import PAGE_SIZE, Beginning, Entry

PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


@dataclass(frozen=True)
class Crumb:
    """A folder above what is shown, or that itself; `path` leads there."""

    name: str
    path: str


@dataclass(frozen=True)
class Row:
    """What lies in a folder; `mode` as `rw-r--r--`.

    `path` opens a folder, the addresses show and download a file; they are empty for the rest.
    `place` is where it is, whatever it is.
    """

    entry: Entry
    mode: str
    place: str
    path: str
    shown: str
    download: str
    rename: str
    delete: str


@dataclass(frozen=True)
class Browsed:
    """A volume opened at one folder, whose entries of `page` are `rows`.

    `may_change` says whether anything may be uploaded, made, renamed or deleted here, which only
    the Engine's reach (`can_change`) or the setting forbids; `complete` whether `rows` are all.
    """

    name: str
    path: str
    may_change: bool
    can_change: bool
    complete: bool
    crumbs: list[Crumb]
    rows: list[Row]
    page: Page
    download: str
    upload: str
    upload_to: str
    new_folder: str


@dataclass(frozen=True)
class Shown:
    """A file and the folders above it: `text` with the `numbers` of its lines, or else the address
    of a `picture`, or neither."""

    name: str
    crumbs: list[Crumb]
    file: Beginning
    text: str | None
    numbers: str
    picture: str
    download: str


def browsed(name: str, path: str, page: str) -> Browsed:
    """Open a volume at a folder. Raise NotFound if there is no such volume, or no such folder."""
    number = int(page) if PAGE_NUMBER.fullmatch(page) else 1
    found = services.explore(name, path, number)
    return Browsed(
        name=name,
        path=found.path,
        may_change=found.can_change and not settings.VOLUMES_READ_ONLY,
        can_change=found.can_change,
        complete=found.complete,
        crumbs=crumbs_of(name, found.path),
        rows=[row_of(name, found.path, entry) for entry in found.entries],
        page=Paginator(range(found.total), PAGE_SIZE).get_page(number),
        download=url_of("api:download_file", name, found.path),
        upload=url_of("volumes:files:upload", name, found.path),
        upload_to=url_of("api:upload_files", name, found.path),
        new_folder=url_of("volumes:files:new_folder", name, found.path),
    )


def row_of(name: str, folder: str, entry: Entry) -> Row:
    path = f"{folder.rstrip('/')}/{entry.name}"
    is_file, is_folder = entry.type == "file", entry.type == "directory"
    return Row(
        entry=entry,
        mode=stat.filemode(entry.mode)[1:],
        place=path,
        path=path if is_folder else "",
        shown=url_of("volumes:files:shown", name, path) if is_file else "",
        download=url_of("api:download_file", name, path) if is_file or is_folder else "",
        rename=url_of("volumes:files:rename", name, path),
        delete=url_of("volumes:files:delete", name, path),
    )


def shown(name: str, path: str) -> Shown:
    """Open a file of a volume. Raise NotFound if there is no such volume, or no such file."""
    file = services.beginning_of(name, path)
    is_text = file.encoding == "utf-8" and "\0" not in file.content
    text = in_lines(file.content) if is_text else ""
    crumbs = crumbs_of(name, file.path)
    return Shown(
        name=name,
        crumbs=crumbs,
        file=file,
        text=highlighted(crumbs[-1].name, text) if is_text else None,
        numbers=numbers_of(text),
        picture=url_of("volumes:files:picture", name, file.path) if pictures.fits(file) else "",
        download=url_of("api:download_file", name, file.path),
    )


def crumbs_of(volume: str, path: str) -> list[Crumb]:
    names = [name for name in path.split("/") if name]
    below = [Crumb(each, "/" + "/".join(names[: at + 1])) for at, each in enumerate(names)]
    return [Crumb(volume, "/"), *below]


def url_of(view: str, name: str, path: str) -> str:
    """The address of what is done with a file or folder of a volume."""
    return f"{reverse(view, args=[name])}?{urlencode({'path': path})}"

"""Looking into a volume, whether it is in use or not."""

import base64
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from containermonkey.downloads import Content
from containermonkey.problems import Invalid
from engine.names import shortened
from volumes.files.opening import Found, found, target_of, told
from volumes.files.packing import PIECE, packed
from volumes.files.paths import inner, spelled
from volumes.files.place import directory_of
from volumes.files.types import Beginning, Entry, Folder, Kind
from volumes.local import Directory

PAGE_SIZE = 100
MOST_SHOWN = 1 << 20
"""Bytes of a file that are shown."""

KINDS: dict[int, Kind] = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symlink",
}


def explore(name: str, path: str = "/", page: int = 1) -> Folder:
    """A page, from 1, of what lies in a folder of a volume, in the order of the names.

    Raise Invalid if the path leads out of the volume or to no folder, NotFound if there is none.
    """
    with found(directory_of(name), inner(path)) as place:
        if not stat.S_ISDIR(place.status.st_mode):
            raise Invalid(f"{spelled_path(place)} is not a folder.")
        folder = place.open()
        try:
            with told(place):
                names = sorted(os.listdir(folder))
                shown = names[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
                entries = list(entries_of(folder, shown))
        finally:
            os.close(folder)
    return Folder("/" + spelled(place.path), entries, len(names))


def entries_of(folder: int, names: list[str]) -> Iterator[Entry]:
    """What an opened folder has under these names; what has vanished meanwhile is left out."""
    for name in names:
        with suppress(FileNotFoundError):
            status = os.lstat(name, dir_fd=folder)
            kind = KINDS.get(stat.S_IFMT(status.st_mode), "other")
            yield Entry(
                name=spelled(name),
                type=kind,
                size=status.st_size,
                mode=stat.S_IMODE(status.st_mode),
                uid=status.st_uid,
                gid=status.st_gid,
                modified=moment_of(status),
                target=spelled(target_of(folder, name)) if kind == "symlink" else None,
            )


def moment_of(status: os.stat_result) -> datetime:
    """When it was changed last; the nearest year that can be written, for a time beyond those."""
    try:
        return datetime.fromtimestamp(status.st_mtime_ns // 10**9, UTC)
    except (OverflowError, ValueError, OSError):
        edge = datetime.max if status.st_mtime_ns > 0 else datetime.min
        return edge.replace(microsecond=0, tzinfo=UTC)


def beginning_of(name: str, path: str) -> Beginning:
    """The first MiB of a file: as text if it is UTF-8, else in base64.

    Raise Invalid if the path leads out of the volume or to no file, NotFound if there is none.
    """
    with found(directory_of(name), inner(path)) as place:
        check_is_file(place)
        with told(place), os.fdopen(place.open(), "rb") as file:
            content = file.read(MOST_SHOWN)
    size = max(place.status.st_size, len(content))
    truncated = size > len(content)
    text = text_of(content, truncated)
    encoded = base64.b64encode(content).decode() if text is None else text
    return Beginning(
        path="/" + spelled(place.path),
        size=size,
        encoding="base64" if text is None else "utf-8",
        content=encoded,
        truncated=truncated,
    )


def text_of(content: bytes, truncated: bool) -> str | None:
    """The text that bytes are; of a letter that is cut through at the end, nothing."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        is_cut = truncated and error.reason == "unexpected end of data"
        return content[: error.start].decode() if is_cut else None


def content_of(name: str, path: str) -> Content:
    """A file of a volume as itself, or a folder as a `.tar.gz`.

    Raise Invalid if the path leads out of the volume or to neither, NotFound if there is none.
    """
    directory, within = directory_of(name), inner(path)
    with found(directory, within) as place:
        leaf = within.rpartition("/")[2] or name
        shown = os.fsencode(leaf).decode("utf-8", "replace")
        if stat.S_ISDIR(place.status.st_mode):
            return Content(f"{shown}.tar.gz", None, lambda: packed(directory, within, leaf))
        check_is_file(place)
        size = place.status.st_size
    return Content(shown, size, lambda: pieces_of(directory, within, size))


def pieces_of(directory: Directory, path: str, size: int) -> Iterator[bytes]:
    """The first `size` bytes of a file; fewer if it has become shorter."""
    with found(directory, path) as place:
        check_is_file(place)
        with os.fdopen(place.open(), "rb", buffering=0) as file:
            while size and (piece := file.read(min(PIECE, size))):
                size -= len(piece)
                yield piece


def check_is_file(place: Found) -> None:
    if not stat.S_ISREG(place.status.st_mode):
        raise Invalid(f"{spelled_path(place)} is not a file.")


def spelled_path(place: Found) -> str:
    return shortened("/" + spelled(place.path))

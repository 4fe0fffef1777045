"""Looking into a volume whose directory this process sees."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from containermonkey.downloads import Content
from volumes.files.opening import Found, found, target_of, told
from volumes.files.packing import exactly, packed
from volumes.files.paths import spelled
from volumes.files.problems import not_a_file, not_a_folder, vanished
from volumes.files.types import (
    MOST_SHOWN,
    PAGE_SIZE,
    Beginning,
    Entry,
    Folder,
    kind_of,
    moment_of,
    saved_as,
)
from volumes.local import Directory


@dataclass(frozen=True)
class InDirectory:
    """The files of the volume `name`, in its directory (`volumes.files.places.Place`)."""

    name: str
    directory: Directory

    def explore(self, path: str, page: int) -> Folder:
        with found(self.directory, path) as place:
            if not stat.S_ISDIR(place.status.st_mode):
                raise not_a_folder(place.path)
            folder = place.open()
            try:
                with told(place):
                    names = sorted(os.listdir(folder))
                    shown = names[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
                    entries = list(entries_of(folder, shown))
            finally:
                os.close(folder)
        return Folder("/" + spelled(place.path), entries, len(names))

    def beginning_of(self, path: str) -> Beginning:
        with found(self.directory, path) as place:
            check_is_file(place)
            with told(place), os.fdopen(place.open(), "rb") as file:
                content = file.read(MOST_SHOWN)
        size = max(place.status.st_size, len(content))
        return Beginning.of("/" + spelled(place.path), size, content)

    def content_of(self, path: str) -> Content:
        leaf = path.rpartition("/")[2] or self.name
        with found(self.directory, path) as place:
            if stat.S_ISDIR(place.status.st_mode):
                pieces = lambda: packed(self.directory, path, leaf)  # noqa: E731
                return Content(f"{saved_as(leaf)}.tar.gz", None, pieces)
            check_is_file(place)
            size = place.status.st_size
        return Content(saved_as(leaf), size, lambda: pieces_of(self.directory, path, size))


def entries_of(folder: int, names: list[str]) -> Iterator[Entry]:
    """What an opened folder has under these names; what has vanished meanwhile is left out."""
    for name in names:
        with suppress(FileNotFoundError):
            status = os.lstat(name, dir_fd=folder)
            kind = kind_of(status.st_mode)
            yield Entry(
                name=spelled(name),
                type=kind,
                size=status.st_size,
                mode=stat.S_IMODE(status.st_mode),
                uid=status.st_uid,
                gid=status.st_gid,
                modified=moment_of(status.st_mtime_ns // 10**9),
                target=spelled(target_of(folder, name)) if kind == "symlink" else None,
            )


def entry_of(folder: int, name: str) -> Entry:
    """What an opened folder has under a name. Raise NotFound if it has vanished meanwhile."""
    for entry in entries_of(folder, [name]):
        return entry
    raise vanished(name)


def pieces_of(directory: Directory, path: str, size: int) -> Iterator[bytes]:
    """The first `size` bytes of a file. Raise CutShort if it has become shorter."""
    with found(directory, path) as place:
        check_is_file(place)
        with os.fdopen(place.open(), "rb", buffering=0) as file:
            yield from exactly(file, size)


def check_is_file(place: Found) -> None:
    if not stat.S_ISREG(place.status.st_mode):
        raise not_a_file(place.path)

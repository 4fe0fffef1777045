"""The data of a volume as the original kept it, a gzipped tar, as a tree of our archive."""

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from isal import igzip

from backups.archive.errors import DamagedStream
from backups.archive.names import Check
from backups.archive.rename import rename_entries
from backups.archive.tarheads import Buffer, Entry
from backups.archive.tarwalk import TarWalker
from backups.original.entries import PIECE, UNREADABLE, Content

GZIP = b"\x1f\x8b"
FAILED = b"#"
"""With this the original's note begins that it left where data could not be read."""

LONGEST_NOTE = 300

ROOTS = (b".", b"backup-volume")
"""What the root of a volume is called in its tar: its helper mounted it at /backup-volume."""


class Lost(Exception):
    """There is no data; the message says what the original wrote in its place, or what is wrong."""


def refuse_placeholder(start: bytes) -> None:
    """Raise Lost unless this is how a gzip file or a tar begins; with the original's own note."""
    if start.startswith(FAILED):
        note = start[:LONGEST_NOTE].decode("utf-8", "replace").lstrip("# ").strip()
        text = "".join(letter if letter.isprintable() else " " for letter in note)
        raise Lost(f"The original Container Monkey could not read it: “{text}”")
    if not start:
        raise Lost("The original Container Monkey kept nothing of it.")


def tree_of(content: Content, key: str, roots: tuple[bytes, ...]) -> Iterator[Buffer]:
    """The tar of a volume or folder, with names as our archive has them, from its gzipped tar.

    `roots` are the names that its root may have. Raise Lost for the note that stands for data,
    DamagedStream for what is not a whole tar.
    """
    start = content.read(LONGEST_NOTE)
    if not start.startswith(GZIP):
        refuse_placeholder(start)
        raise Lost("What stands in its place is not a gzip file.")
    root = f"volumes/{key}".encode()
    return rename_entries(inflated(start, content), Renaming(root, roots))


class Renaming:
    """Gives each entry its name below the root, which is what the first entry is called."""

    def __init__(self, root: bytes, roots: tuple[bytes, ...]) -> None:
        self.root, self.roots = root, roots
        self.was: bytes | None = None

    def __call__(self, name: bytes) -> bytes:
        if self.was is None:
            if name not in self.roots:
                raise DamagedStream("Its first entry is not the folder itself.")
            self.was = name
        if name == self.was:
            return self.root
        below = self.was + b"/"
        if not name.startswith(below):
            raise DamagedStream("Its entries do not lie in one folder.")
        return self.root + b"/" + name.removeprefix(below)


def inflated(start: bytes, content: Content) -> Iterator[bytes]:
    """The content of a gzip file whose first bytes have been read."""
    try:
        with igzip.IGzipFile(fileobj=Joined(start, content), mode="rb") as stream:
            while piece := stream.read(PIECE):
                yield piece
    except UNREADABLE as error:
        raise DamagedStream("Its gzip file is cut short or damaged.") from error


class Joined(io.RawIOBase):
    """A file whose beginning was read already."""

    def __init__(self, start: bytes, content: Content) -> None:
        self._start, self._content = start, content

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._start[: len(buffer)] or self._content.read(len(buffer))
        self._start = self._start[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def image_tar(content: Content) -> Iterator[bytes]:
    """The tar of an image. Raise Lost for the note that stands for it."""
    start = content.read(LONGEST_NOTE)
    refuse_placeholder(start)
    yield start
    yield from content.pieces()


def walked(
    stream: Iterable[Buffer], check: Check, on_entry: Callable[[Entry], None] = lambda entry: None
) -> None:
    """Read a tar to its end. Raise DamagedStream where the writer of our archives would."""
    walker = TarWalker()
    for block in stream:
        for entry in walker.feed(block):
            check(entry)
            on_entry(entry)
    walker.close()

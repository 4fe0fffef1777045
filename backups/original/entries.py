"""A gzipped tar, entry by entry, in constant memory, whoever made it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Protocol

from isal import igzip, isal_zlib

from backups.archive.errors import DamagedArchive, DamagedStream, readable
from backups.archive.tarheads import BLOCK, DIRECTORY, FILE, ZERO_BLOCK, Entry, padded, read_head

PIECE = 1 << 20
MOST_PADDING = 16 << 20
LONGEST_HEAD = 64 << 10
"""Bytes; what the original put into its archives has short names and no attributes."""

# The package's stub calls the last an instance; it is a class.
UNREADABLE: tuple[type[Exception], ...] = (EOFError, igzip.BadGzipFile, isal_zlib.error)  # type: ignore[assignment]
"""What reading something raises that is no gzip file, or not a whole one."""


class Readable(Protocol):
    """Anything that gives its next bytes, none at its end."""

    def read(self, size: int = -1, /) -> bytes: ...


class Content:
    """The bytes of one file within a tar."""

    def __init__(self, stream: Readable, size: int) -> None:
        self.size = self.left = size
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, none at the end. Raise DamagedArchive where the file is cut."""
        wanted = self.left if size < 0 else min(size, self.left)
        piece = exactly(self._stream, wanted) if wanted else b""
        self.left -= len(piece)
        return piece

    def pieces(self) -> Iterator[bytes]:
        while piece := self.read(PIECE):
            yield piece


@dataclass(frozen=True)
class OuterFile:
    """A file in the archive; `name` is what stands behind the `./`."""

    name: str
    mtime: float
    content: Content


def files_of(file: IO[bytes]) -> Iterator[OuterFile]:
    """The files of a gzipped tar, in its order; what is not read of one is passed over.

    Nothing is ever written under their names. Raise DamagedArchive where it is cut or broken, and
    for every kind of entry that the original did not make.
    """
    with igzip.IGzipFile(fileobj=file, mode="rb") as stream:
        position = 0
        while (entry := next_entry(stream, position)) is not None:
            content = Content(stream, entry.size)
            if entry.kind == FILE:
                yield OuterFile(plain_name(entry.name), float(entry.mtime), content)
            elif entry.kind != DIRECTORY:
                raise DamagedArchive(f"The archive has an odd entry, {readable(entry.name)}.")
            for _ in content.pieces():
                pass
            exactly(stream, padded(entry.size) - entry.size)
            position = entry.end
        read_to_end(stream)


def read_to_end(stream: Readable) -> None:
    """Read what follows the end of a tar, so that the checksum of the gzip file is compared."""
    with cut_is_damage():
        for _ in range(MOST_PADDING // PIECE):
            if not stream.read(PIECE):
                return
    raise DamagedArchive("The archive goes on after its end.")


def plain_name(name: bytes) -> str:
    """A name as the original wrote it. Raise DamagedArchive for one that leads elsewhere."""
    text = name.removeprefix(b"./").decode("utf-8", "replace")
    if text.startswith("/") or ".." in text.split("/"):
        raise DamagedArchive(f"The archive has an odd entry, {readable(name)}.")
    return text


def next_entry(stream: Readable, position: int) -> Entry | None:
    """The head of the next entry; None at the end of the tar."""
    head = exactly(stream, BLOCK)
    if head == ZERO_BLOCK:
        return None
    try:
        while (entry := read_head(head, 0, position)) is None:
            if len(head) > LONGEST_HEAD:
                raise DamagedArchive("The archive has an entry with an endless name.")
            head += exactly(stream, BLOCK)
    except DamagedStream as error:
        raise DamagedArchive(f"The archive is damaged: {error}") from error
    return entry


def exactly(stream: Readable, size: int) -> bytes:
    """So many bytes. Raise DamagedArchive where there are fewer, or none that can be read."""
    pieces = []
    with cut_is_damage():
        while size:
            piece = stream.read(size)
            if not piece:
                raise EOFError
            pieces.append(piece)
            size -= len(piece)
    return b"".join(pieces)


@contextmanager
def cut_is_damage() -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        raise DamagedArchive("The archive’s file is cut short or damaged.") from error

"""Reading an archive: what is in it, without unpacking it, and each part for itself."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from containermonkey.problems import NotFound, TooLarge

from .errors import DamagedArchive, DamagedStream
from .index import FILE, STREAM, Index, Part, parse_object
from .listing import ListedFile, ListedPage, Located, below, lines_of, locate, page_of
from .names import MANIFEST, listing_name
from .rename import file_head, rename_entries
from .source import ArchiveSource, damage
from .tarheads import END_OF_ARCHIVE, Buffer, padded

SMALL = 16 << 20


class ArchiveReader:
    """One archive, opened: only its end, index and manifest are read by that.

    Raise NotAnArchive, UnfinishedArchive or DamagedArchive on opening; DamagedArchive later, for
    what is found only where it is read. Close it, or use it with `with`.
    """

    def __init__(self, path: Path, *, threads: int = 2) -> None:
        self._source = ArchiveSource(Path(path), threads=threads)
        try:
            self.manifest: dict[str, Any] = self.read_json(MANIFEST)
        except BaseException:
            self.close()
            raise

    @property
    def index(self) -> Index:
        """The parts with their sizes and checksums."""
        return self._source.index

    def read_file(self, name: str, *, limit: int = SMALL) -> bytes:
        """Give the content of a part that is one file. Raise NotFound; TooLarge above `limit`."""
        part = self.index.part(name)
        if part is None or part.kind != FILE:
            raise NotFound(f"The backup has no file {name}.")
        if part.content_size > limit:
            raise TooLarge(f"The backup's {name} is larger than it can be.")
        return b"".join(self._content(part))

    def read_json(self, name: str) -> dict[str, Any]:
        """Give a part that is a JSON object. Raise DamagedArchive if it is none."""
        return parse_object(self.read_file(name), name)

    def tree_stream(self, key: str) -> Iterator[bytes]:
        """Give a volume's tree as a whole plain tar, names and end marker included.

        Every block, header and checksum is compared on the way. Damage found only at the end (the
        part's own checksum) is raised before the end marker, so that what was made of it is no tar.
        """
        return self._whole(self._tree(key))

    def image_stream(self, name: str = "image") -> Iterator[Buffer]:
        """Give the image as a tar for `docker load`, with the names that it had there."""
        part = self.index.part(name)
        if part is None or part.kind != STREAM:
            raise NotFound("The backup does not hold the image.")
        return self._without_prefix(part)

    def has_image(self, name: str = "image") -> bool:
        """Whether the image is in the archive."""
        part = self.index.part(name)
        return part is not None and part.kind == STREAM

    def list_files(
        self, key: str, path: str = "/", page: int = 1, page_size: int = 100
    ) -> ListedPage:
        """Give one page (from 1) of a volume's directory, from its list alone.

        Names and `path` are in the list's spelling, which escapes what is not printable UTF-8.
        """
        self._tree(key)
        return page_of(self._lines(key), path, page, page_size)

    def locate(self, key: str, *paths: str) -> dict[str, Located]:
        """Find entries of a volume by their paths, in the list's spelling; those that are there."""
        return locate(self._lines(key), paths, self._end_of(key))

    def files_below(self, key: str, path: str) -> Iterator[ListedFile]:
        """Every entry below a directory of a volume, in the archive's order."""
        return below(self._lines(key), path)

    def entries(self, key: str, located: Located) -> Iterator[bytes]:
        """Give a located entry and all that is below it as a plain tar, names as they are stored.

        Only the members that hold it are read, each compared with its own checksums.
        """
        part = self._tree(key)
        yield from self._source.between(part, located.start, located.end)
        yield END_OF_ARCHIVE

    def close(self) -> None:
        """Close the file; nothing happens a second time."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _tree(self, key: str) -> Part:
        part = self.index.tree(key)
        if part is None:
            raise NotFound(f"The backup holds no volume {key}.")
        return part

    def _end_of(self, key: str) -> int:
        part = self._tree(key)
        return part.offset + part.tar_size

    def _whole(self, part: Part) -> Iterator[bytes]:
        yield from self._source.walked(part)
        yield END_OF_ARCHIVE

    def _without_prefix(self, part: Part) -> Iterator[Buffer]:
        below = part.name.encode() + b"/"
        try:
            yield from rename_entries(self._whole(part), lambda name: name.removeprefix(below))
        except DamagedStream as error:
            raise DamagedArchive(damage(part.name, error)) from error

    def _lines(self, key: str) -> Iterator[bytes]:
        """The lines of a volume's list, piece by piece, as it may be larger than memory."""
        name = listing_name(key)
        part = self.index.part(name)
        if part is None or part.kind != FILE:
            raise DamagedArchive(f"This backup is damaged: it has no {name}.")
        yield from lines_of(self._content(part))

    def _content(self, part: Part) -> Iterator[bytes]:
        """The content of a part that is one file, without its header and padding."""
        left = part.content_size
        skip = part.tar_size - padded(left)
        if skip != len(file_head(part.name, left, 0)):
            raise DamagedArchive(damage(part.name, "its sizes contradict each other"))
        for block in self._source.walked(part):
            piece = block[skip:] if skip < len(block) else b""
            skip = max(skip - len(block), 0)
            piece, left = piece[:left], left - min(left, len(piece))
            if piece:
                yield piece

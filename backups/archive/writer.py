"""Writing an archive, part by part, into a file that appears only when it is whole."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from . import index as index_format
from .errors import ArchiveProblem, DamagedStream
from .index import MAX_INDEX, Index, MemberTable, Part, encode_index
from .listing import HEADING, line_of
from .members import MEMBER_CONTENT, Trailer, encode_member, encode_trailer
from .names import (
    INDEX,
    LISTINGS,
    MANIFEST,
    Check,
    PrefixNames,
    TreeNames,
    is_key,
    is_part_name,
    listing_name,
)
from .partial import PartialFile
from .pipeline import BackgroundHash, in_order, regroup
from .rename import file_head, padding, rename_entries
from .tarheads import END_OF_ARCHIVE, FILES, Buffer, Entry
from .tarwalk import TarWalker

SPOOL_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class FinishedArchive:
    """A whole archive on disk: its size in bytes, what is in it, and how it ends.

    Its SHA-256 is worked out when it is read back from there.
    """

    path: Path
    size: int
    index: Index
    trailer: Trailer


@dataclass(slots=True)
class _Walked:
    """What has been counted of the stream that is being added."""

    entries: int = 0
    files: int = 0
    content_size: int = 0


class ArchiveWriter:
    """Writes one archive. Use it with `with`: leaving without `finish` removes what was written.

    Threads compress; whatever their number, the archive is the same.
    """

    def __init__(self, path: Path, *, threads: int = 2) -> None:
        self._file = PartialFile(Path(path))
        self._threads = max(threads, 1)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="compress")
        self._parts: list[Part] = []
        self._members = MemberTable()
        self._position = 0
        self._mtime = 0.0
        self._whole = False
        self._listings: dict[str, IO[bytes]] = {}

    @property
    def path(self) -> Path:
        """Where the archive will be once it is finished."""
        return self._file.path

    def add_file(self, name: str, data: bytes, mtime: float) -> None:
        """Add one regular file as a part of its own. The first must be ``backup/manifest.json``."""
        if name == INDEX or name.startswith(LISTINGS):
            raise ValueError(f"{name} is written by finish().")
        self._mtime = max(self._mtime, mtime)
        self._add_file(name, len(data), [data], mtime)

    def add_tree(self, key: str, stream: Iterable[Buffer]) -> Part:
        """Add a volume from a plain tar of ``volumes/<key>/…``, its blocks unchanged.

        Directories above that are dropped. Raise DamagedStream if the stream is not a whole tar of
        just that tree. The list of its files is kept, and written by `finish`.
        """
        if not is_key(key) or key in self._listings:
            raise ValueError(f"{key!r} cannot be a tree's key here.")
        name, walked = f"volumes/{key}", _Walked()
        # Without a name, so that it is gone when we are, however that happens.
        spool = tempfile.TemporaryFile(dir=self._file.path.parent)  # noqa: SIM115
        self._listings[key] = spool
        spool.write(HEADING)
        blocks = self._tree_blocks(stream, TreeNames(name), walked, spool)
        return self._add_walked(name, index_format.TREE, blocks, walked, key)

    def add_stream_tree(self, prefix: str, stream: Iterable[Buffer]) -> Part:
        """Add a foreign tar, as `docker save` gives it, with `prefix` put before every name."""
        prefix = prefix.rstrip("/")
        below, walked = prefix.encode() + b"/", _Walked()

        def under_prefix(name: bytes) -> bytes | None:
            name = name.removeprefix(b"./")
            return None if name in (b"", b".") else below + name

        renamed = rename_entries(stream, under_prefix)
        blocks = self._walked_blocks(renamed, PrefixNames(prefix).check, walked)
        return self._add_walked(prefix, index_format.STREAM, blocks, walked)

    def finish(self, index_extra: dict[str, Any] | None = None) -> FinishedArchive:
        """Write the lists, the index and the end, bring all to disk and give the file its name.

        `index_extra` is JSON of the caller's own, kept in the index. Raise FileExistsError if the
        name has been taken meanwhile, and OSError as the disk gives it.
        """
        if not self._whole:
            raise ValueError("An archive has at least a manifest, and no part that failed.")
        for key, spool in self._listings.items():
            self._add_listing(key, spool)
        index = Index(tuple(self._parts), self._members, index_extra or {})
        trailer = self._write_index(index)
        self._file.commit()
        self._close()
        return FinishedArchive(self._file.path, self._file.size, index, trailer)

    def abort(self) -> None:
        """Remove what was written. Nothing happens after `finish`, or a second time."""
        self._close()
        self._file.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abort()

    def _close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for spool in self._listings.values():
            with suppress(OSError):  # a full disk does not take what is thrown away anyhow
                spool.close()

    def _add_file(self, name: str, size: int, data: Iterable[Buffer], mtime: float) -> None:
        tar = (file_head(name, size, mtime), *data, padding(size))
        walked = _Walked(entries=1, files=1, content_size=size)
        self._add_walked(name, index_format.FILE, regroup(tar, MEMBER_CONTENT), walked)

    def _add_listing(self, key: str, spool: IO[bytes]) -> None:
        size = spool.tell()
        spool.seek(0)
        pieces = iter(lambda: spool.read(SPOOL_PIECE), b"")
        self._add_file(listing_name(key), size, pieces, self._mtime)

    def _add_walked(
        self,
        name: str,
        kind: str,
        blocks: Iterable[Buffer],
        walked: _Walked,
        key: str | None = None,
    ) -> Part:
        """Compress and write the blocks of one part, and enter it into the index."""
        self._check_new(name)
        self._whole = False
        first = len(self._members)
        start = self._position
        with BackgroundHash() as digest:
            hashed = _hashed(blocks, digest)
            for member in in_order(self._pool, self._threads, encode_member, hashed):
                self._file.write(member.data)
                self._members.append(member.row)
                self._position += member.row.content_size
            sha256 = digest.hexdigest()
        if not walked.entries:
            raise DamagedStream(f"The stream holds nothing below “{name}”.")
        part = Part(
            name=name,
            kind=kind,
            entries=walked.entries,
            files=walked.files,
            content_size=walked.content_size,
            tar_size=self._position - start,
            sha256=sha256,
            first_member=first,
            members=len(self._members) - first,
            key=key,
        )
        self._parts.append(part)
        self._whole = True
        return part

    def _check_new(self, name: str) -> None:
        if not is_part_name(name) or any(part.name == name for part in self._parts):
            raise ValueError(f"{name!r} cannot be the name of a part here.")
        if not self._parts and name != MANIFEST:
            raise ValueError("The manifest comes first.")

    def _tree_blocks(
        self, stream: Iterable[Buffer], names: TreeNames, walked: _Walked, spool: IO[bytes]
    ) -> Iterator[Buffer]:
        """Check and list the entries of a tree; give its blocks without what lies above it."""
        root = len(names.root)
        start = self._position
        lines: list[bytes] = []
        dropped = 0

        def take(entry: Entry) -> None:
            nonlocal dropped
            if names.is_outer(entry):
                dropped = entry.end
                return
            names.check(entry)
            _count(walked, entry)
            lines.append(line_of(entry, start + entry.start - dropped, root))

        position = 0
        for block in self._walk(stream, take):
            spool.write(b"".join(lines))
            lines.clear()
            end = position + len(block)
            if dropped > position:
                block = memoryview(block)[min(dropped - position, len(block)) :]
            position = end
            if block:
                yield block

    def _walked_blocks(
        self, stream: Iterable[Buffer], check: Check, walked: _Walked
    ) -> Iterator[Buffer]:
        def take(entry: Entry) -> None:
            check(entry)
            _count(walked, entry)

        return self._walk(stream, take)

    def _walk(self, stream: Iterable[Buffer], take: Callable[[Entry], None]) -> Iterator[Buffer]:
        """Walk a tar, handing every entry to `take`; give its blocks up to the end marker."""
        walker = TarWalker()
        blocks: Iterable[Buffer] = regroup(stream, MEMBER_CONTENT)
        for block in blocks:
            base = walker.position
            for entry in walker.feed(block):
                take(entry)
            if walker.content_end is not None:
                block = memoryview(block)[: max(walker.content_end - base, 0)]
            if block:
                yield block
        walker.close()

    def _write_index(self, index: Index) -> Trailer:
        text = encode_index(index)
        head = file_head(INDEX, len(text), self._mtime)
        tar = b"".join((head, text, padding(len(text)), END_OF_ARCHIVE))
        if len(tar) > MAX_INDEX:
            raise ArchiveProblem("The archive is too large for its index.")
        start, digest = self._file.size, hashlib.sha256()
        for block in regroup([tar], MEMBER_CONTENT):
            member = encode_member(block).data
            digest.update(member)
            self._file.write(member)
        size = self._file.size - start
        trailer = Trailer(start, size, len(tar), digest.digest())
        self._file.write(encode_trailer(trailer))
        return trailer


def _hashed(blocks: Iterable[Buffer], digest: BackgroundHash) -> Iterator[Buffer]:
    for block in blocks:
        digest.update(block)
        yield block


def _count(walked: _Walked, entry: Entry) -> None:
    walked.entries += 1
    if entry.kind in FILES:
        walked.files += 1
        walked.content_size += entry.size

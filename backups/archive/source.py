"""An archive's file, opened: its trailer and index read, its members given in order, checked."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .errors import DamagedArchive, DamagedStream, NotAnArchive, UnfinishedArchive
from .index import FILE, MAX_INDEX, STREAM, Index, Part, decode_index
from .members import (
    MAX_MEMBER,
    MEMBER_HEAD,
    TRAILER_SIZE,
    MemberRow,
    Trailer,
    decode_member,
    decode_trailer,
    read_member_head,
    split_members,
)
from .names import INDEX, Check, PrefixNames, SingleFile, TreeNames
from .pipeline import BackgroundHash, in_order
from .tarheads import END_OF_ARCHIVE, FILES, Entry
from .tarwalk import TarWalker

# Bytes after which the kernel is asked to drop its copy of what was read.
FORGET_EVERY = 32 << 20

OnRaw = Callable[[bytes], None]


class ArchiveSource:
    """The file of one archive. Raise NotAnArchive, UnfinishedArchive or DamagedArchive on opening.

    `from_disk` reads it anew even where the kernel has a copy in memory, `once` leaves no such copy
    behind, which would push out of memory what the host works with. Close it after use.
    """

    def __init__(
        self, path: Path, *, threads: int = 2, from_disk: bool = False, once: bool = False
    ) -> None:
        self.path = path
        self._once, self._forgotten = False, 0
        self.threads = max(threads, 1)
        # Without O_NONBLOCK, a FIFO under this name would wait for its writer for ever.
        self._file: int | None = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if from_disk:
                self._forget_cached()
            self.size = self._regular_size()
            self.trailer = self._read_trailer()
            self.raw_index = self.read(self.trailer.index_offset, self.trailer.index_size)
            self.index = self._read_index()
            self._once = once  # what was read so far is the end, and few bytes
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; nothing happens a second time."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _forget_cached(self) -> None:
        """Ask the kernel to drop its copy of the file, so that it is the disk that is read."""
        os.posix_fadvise(self.descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.posix_fadvise(self.descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)  # and far ahead

    @property
    def descriptor(self) -> int:
        """The open file. Raise ValueError where it has been closed."""
        if self._file is None:
            raise ValueError("The archive has been closed.")
        return self._file

    def read(self, offset: int, size: int) -> bytes:
        """Give exactly these bytes of the file. Raise DamagedArchive where it ends before them."""
        pieces = []
        while size:
            piece = os.pread(self.descriptor, size, offset)
            if not piece:
                raise DamagedArchive("The archive's file ends before its content does.")
            pieces.append(piece)
            offset, size = offset + len(piece), size - len(piece)
        if self._once and offset - self._forgotten > FORGET_EVERY:
            os.posix_fadvise(self.descriptor, 0, offset, os.POSIX_FADV_DONTNEED)
            self._forgotten = offset
        return b"".join(pieces)

    def blocks(self, part: Part, on_raw: OnRaw | None = None) -> Iterator[bytes]:
        """Give a part's tar in blocks, each as its gzip member's checksums say, several at once.

        `on_raw` sees the members as they are stored. Raise DamagedArchive naming the part.
        """
        with ThreadPoolExecutor(self.threads, thread_name_prefix="decompress") as pool:
            try:
                yield from in_order(pool, self.threads, _decode, self._stored(part, on_raw))
            except DamagedArchive as error:
                raise DamagedArchive(damage(part.name, error)) from error

    def between(self, part: Part, start: int, end: int) -> Iterator[bytes]:
        """Give the tar of a part from `start` to before `end`, places in the archive's plain tar.

        Only the members that hold it are read. Raise DamagedArchive where it is not in the part.
        """
        if not part.offset <= start <= end <= part.offset + part.tar_size:
            raise DamagedArchive(damage(part.name, "its list of files does not belong to it"))
        at = part.offset
        for number, file_offset in self._places(part):
            row = self.index.members[number]
            if at >= end:
                return
            if start < at + row.content_size:
                try:
                    block = decode_member(self.read(file_offset, row.size), row)
                except DamagedArchive as error:
                    raise DamagedArchive(damage(part.name, error)) from error
                yield block[max(start - at, 0) : end - at]
            at += row.content_size

    def _places(self, part: Part) -> Iterator[tuple[int, int]]:
        """The number of each member of a part, and where in the file it begins."""
        offset = part.file_offset
        for number in range(part.first_member, part.first_member + part.members):
            yield number, offset
            offset += self.index.members[number].size

    def hashed(self, part: Part, on_raw: OnRaw | None = None) -> Iterator[bytes]:
        """The same, with the part's own checksum compared after the last block."""
        with BackgroundHash() as digest:
            for block in self.blocks(part, on_raw):
                digest.update(block)
                yield block
            if digest.hexdigest() != part.sha256:
                raise DamagedArchive(damage(part.name, "its SHA-256 is not the index's"))

    def walked(self, part: Part, on_raw: OnRaw | None = None) -> Iterator[bytes]:
        """The same, with every header walked and the part's counts compared.

        The blocks come before the last of them has been checked; what fails, fails at the end.
        """
        walker, check = TarWalker(), names_of(part)
        entries = files = content_size = 0
        for block in self.hashed(part, on_raw):
            for entry in _checked(part, walker, check, block):
                entries += 1
                files += entry.kind in FILES
                content_size += entry.size if entry.kind in FILES else 0
            yield block
        _check_end(part, walker)
        if (entries, files, content_size) != (part.entries, part.files, part.content_size):
            raise DamagedArchive(damage(part.name, "it does not hold what the index counts"))

    def _stored(self, part: Part, on_raw: OnRaw | None) -> Iterator[tuple[bytes, MemberRow]]:
        for number, offset in self._places(part):
            row = self.index.members[number]
            data = self.read(offset, row.size)
            if on_raw:
                on_raw(data)
            yield data, row

    def _regular_size(self) -> int:
        status = os.fstat(self.descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotAnArchive("This is not a file.")
        return status.st_size

    def _read_trailer(self) -> Trailer:
        head = self.read(0, min(MEMBER_HEAD.size, self.size))
        tail_offset = max(self.size - TRAILER_SIZE, 0)
        trailer = decode_trailer(self.read(tail_offset, self.size - tail_offset))
        if trailer is None and read_member_head(head) is None:
            raise NotAnArchive("This file is not a backup made by Container Monkey.")
        if trailer is None:
            raise UnfinishedArchive(
                "This backup is not complete: its end is missing, so its writing or its transfer "
                "was cut short."
            )
        if read_member_head(head) is None:
            raise DamagedArchive("This backup is damaged: its beginning is not an archive's.")
        if trailer.index_offset + trailer.index_size + TRAILER_SIZE != self.size:
            raise DamagedArchive("This backup is damaged: it is not as long as its end states.")
        if trailer.index_content > MAX_INDEX or trailer.index_size > MAX_INDEX + MAX_MEMBER:
            raise DamagedArchive("This backup is damaged: its index is too large to be one.")
        return trailer

    def _read_index(self) -> Index:
        if hashlib.sha256(self.raw_index).digest() != self.trailer.index_sha256:
            raise DamagedArchive(damage(INDEX, "it does not have the checksum stated at the end"))
        try:
            tar = b"".join(split_members(self.raw_index, self.trailer.index_content))
        except DamagedArchive as error:
            raise DamagedArchive(damage(INDEX, error)) from error
        text = single_file(INDEX, tar.removesuffix(END_OF_ARCHIVE))
        if not tar.endswith(END_OF_ARCHIVE):
            raise DamagedArchive(damage(INDEX, "the end marker of the tar is missing"))
        return decode_index(text, self.trailer.index_offset)


def damage(part: str, detail: object) -> str:
    """The sentence that names the part in which damage was found."""
    return f"This backup is damaged in {part}: {detail}".rstrip(".") + "."


def single_file(name: str, tar: bytes) -> bytes:
    """Give the content of a part that is one regular file. Raise DamagedArchive if it is not."""
    walker = TarWalker()
    try:
        entries = walker.feed(tar)
        if len(entries) != 1 or entries[0].end != len(tar):
            raise DamagedArchive(damage(name, "it is not one file"))
        SingleFile(name).check(entries[0])
    except DamagedStream as error:
        raise DamagedArchive(damage(name, error)) from error
    return tar[entries[0].data : entries[0].data + entries[0].size]


def names_of(part: Part) -> Check:
    """The rule for the entries of a part of this kind."""
    if part.kind == FILE:
        return SingleFile(part.name).check
    return PrefixNames(part.name).check if part.kind == STREAM else TreeNames(part.name).check


def _decode(stored: tuple[bytes, MemberRow]) -> bytes:
    return decode_member(*stored)


def _checked(part: Part, walker: TarWalker, check: Check, block: bytes) -> list[Entry]:
    try:
        entries = walker.feed(block)
        for entry in entries:
            check(entry)
    except DamagedStream as error:
        raise DamagedArchive(damage(part.name, error)) from error
    if walker.content_end is not None:
        raise DamagedArchive(damage(part.name, "a tar ends within it"))
    return entries


def _check_end(part: Part, walker: TarWalker) -> None:
    """Raise DamagedArchive unless the part ends with the content of its last entry."""
    if walker.next_header != walker.position:
        raise DamagedArchive(damage(part.name, "its last entry is cut short"))

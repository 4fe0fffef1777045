"""Checking a whole archive: every byte read back from disk, every checksum compared."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import DamagedArchive
from .index import parse_object
from .members import Trailer, encode_trailer
from .names import MANIFEST
from .pipeline import BackgroundHash
from .source import ArchiveSource, single_file


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was found sound: sizes in bytes, and the SHA-256 of the file as it was read."""

    path: Path
    size: int
    sha256: str
    parts: int
    entries: int


def verify(
    path: Path,
    on_bytes: Callable[[int], None] | None = None,
    *,
    written: Trailer | None = None,
    read_again: bool = False,
    threads: int = 2,
) -> VerifyReport:
    """Read an archive again from disk, whole, in constant memory.

    `on_bytes` is called with the bytes of the file read since its last call; what it raises ends
    the check. Where it has just been `written` with this end, its tar headers are not walked and
    its parts not hashed once more: both were done on the way in. Every block is compared with the
    checksum that it had in memory, decompressed, and its content compared with the checksum from
    before the compression. Where it will be `read_again`, what the kernel keeps of it in memory is
    left there. Raise NotAnArchive, UnfinishedArchive, or DamagedArchive naming the part.
    """
    source = ArchiveSource(Path(path), threads=threads, from_disk=True, once=not read_again)
    try:
        if written not in (None, source.trailer):
            raise DamagedArchive("This backup is sound in itself, but it is not the file it was.")
        with BackgroundHash() as digest:

            def take(data: bytes) -> None:
                digest.update(data)
                if on_bytes:
                    on_bytes(len(data))

            entries = _read_parts(source, take, walk=written is None)
            take(source.raw_index)
            take(encode_trailer(source.trailer))
            sha256 = digest.hexdigest()
    finally:
        source.close()
    return VerifyReport(
        path=source.path,
        size=source.size,
        sha256=sha256,
        parts=len(source.index.parts),
        entries=entries,
    )


def _read_parts(source: ArchiveSource, take: Callable[[bytes], None], *, walk: bool) -> int:
    for part in source.index.parts:
        blocks = source.walked(part, take) if walk else source.blocks(part, take)
        if part.name == MANIFEST:
            parse_object(single_file(MANIFEST, b"".join(blocks)), MANIFEST)
        else:
            for _block in blocks:
                pass
    return sum(part.entries for part in source.index.parts)

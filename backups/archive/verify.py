"""Checking a whole archive: every byte read back from disk, every checksum compared."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import CheckStopped, DamagedArchive
from .index import parse_object
from .members import encode_trailer
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
    tar_size: int


def verify(
    path: Path,
    on_bytes: Callable[[int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    *,
    expected_sha256: str | None = None,
    threads: int = 2,
) -> VerifyReport:
    """Read an archive again from disk, whole, in constant memory.

    `on_bytes` is called with the bytes of the file read since its last call. Where the file's
    `expected_sha256` is known, its tar headers are not walked and its parts not hashed once more:
    both was done when that was worked out, and every byte is compared with it. Every block is
    decompressed and compared with its checksum all the same, as a compressor may be wrong. Raise
    NotAnArchive, UnfinishedArchive, DamagedArchive naming the part, or CheckStopped when
    `should_stop` says so.
    """
    source = ArchiveSource(Path(path), threads=threads, from_disk=True)
    try:
        with BackgroundHash() as digest:

            def take(data: bytes) -> None:
                if should_stop and should_stop():
                    raise CheckStopped("The check was stopped.")
                digest.update(data)
                if on_bytes:
                    on_bytes(len(data))

            entries = _read_parts(source, take, walk=expected_sha256 is None)
            take(source.raw_index)
            take(encode_trailer(source.trailer))
            sha256 = digest.hexdigest()
    finally:
        source.close()
    if expected_sha256 is not None and sha256 != expected_sha256:
        raise DamagedArchive("This backup is sound in itself, but it is not the file it was.")
    parts = source.index.parts
    return VerifyReport(
        path=source.path,
        size=source.size,
        sha256=sha256,
        parts=len(parts),
        entries=entries,
        tar_size=sum(part.tar_size for part in parts) + source.trailer.index_content,
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

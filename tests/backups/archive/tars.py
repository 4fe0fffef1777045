"""Tar streams as the Engine gives them, and archives made of them, for the tests beside this."""

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

from backups.archive.writer import ArchiveWriter, FinishedArchive

MTIME = 1_700_000_000
MANIFEST = b'{"container": "shop"}'


def entry(name: str, content: bytes | None = None, **fields) -> tuple[tarfile.TarInfo, bytes]:
    """One entry: a file where there is content, a directory where the name ends with a slash."""
    info = tarfile.TarInfo(name)
    info.mtime = MTIME
    info.mode = 0o755 if name.endswith("/") else 0o644
    if name.endswith("/"):
        info.type = tarfile.DIRTYPE
    for field, value in fields.items():
        setattr(info, field, value)
    info.size = len(content or b"")
    return info, content or b""


def tar_of(*entries: tuple[tarfile.TarInfo, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    """A whole tar of these entries, ended as the Engine ends it: with two zero blocks."""
    pieces = []
    for info, content in entries:
        head = info.tobuf(format, "utf-8", "surrogateescape")
        pieces += [head, content, bytes(-len(content) % 512)]
    return b"".join(pieces) + bytes(1024)


def volume_tar(key: str, *entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """The tar of one volume: the directories above it, its root, and these entries."""
    return tar_of(entry("volumes/"), entry(f"volumes/{key}/"), *entries)


def some_volume(key: str = "data") -> bytes:
    """A volume with one of everything that is common."""
    below = f"volumes/{key}"
    return volume_tar(
        key,
        entry(f"{below}/empty/"),
        entry(f"{below}/hello.txt", b"hello\n", uid=1000, gid=1000, mode=0o600),
        entry(f"{below}/same.txt", type=tarfile.LNKTYPE, linkname=f"{below}/hello.txt"),
        entry(f"{below}/sub/", mode=0o2770, gid=50),
        entry(f"{below}/sub/noise", os.urandom(3000)),
        entry(f"{below}/sub/up", type=tarfile.SYMTYPE, linkname="../hello.txt"),
        entry(f"{below}/{'n' * 200}", b"long name"),
    )


def image_tar() -> bytes:
    """An image's tar as `docker save` gives it."""
    layer = "5d" * 32
    return tar_of(
        entry(f"{layer}/"),
        entry(f"{layer}/layer.tar", bytes(5000)),
        entry("link/", mode=0o700),
        entry("link/layer.tar", type=tarfile.SYMTYPE, linkname=f"../{layer}/layer.tar"),
        entry("manifest.json", b"[]"),
    )


def in_chunks(data: bytes, size: int) -> Iterator[memoryview]:
    """The bytes in pieces of this size, as a connection may give them."""
    view = memoryview(data)
    for at in range(0, len(view), size):
        yield view[at : at + size]


def write_archive(
    path: Path, volumes: dict[str, bytes], image: bytes | None = None, chunk: int = 10_000
) -> FinishedArchive:
    """An archive with a manifest, these volumes and this image."""
    with ArchiveWriter(path) as archive:
        archive.add_file("backup/manifest.json", MANIFEST, MTIME)
        archive.add_file("backup/README.txt", b"Unpack me.\n", MTIME)
        for key, tar in volumes.items():
            archive.add_tree(key, in_chunks(tar, chunk))
        if image is not None:
            archive.add_stream_tree("image", in_chunks(image, chunk))
        return archive.finish({"note": "extra"})


def names_in(tar: bytes) -> list[str]:
    """The names that Python's own reader finds in a tar."""
    with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as opened:
        return opened.getnames()

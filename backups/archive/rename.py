"""Giving the entries of a tar other names, without touching their content.

Headers are written anew, so this is for tars of few entries, as an image's is.
"""

import tarfile
from collections.abc import Callable, Iterable, Iterator

from .errors import DamagedStream, readable
from .tarheads import END_OF_ARCHIVE, FILES, HARD_LINK, Buffer, Entry, padded
from .tarwalk import TarWalker

Rename = Callable[[bytes], bytes | None]


def rename_entries(stream: Iterable[Buffer], rename: Rename) -> Iterator[Buffer]:
    """Give the same tar with each name, and each hard link's target, as `rename` gives it.

    An entry without content for which it gives None is left out. The stream is checked on the way.
    """
    walker = TarWalker()
    # Before this place, the stream's bytes are headers that have been written anew.
    copied = 0
    for piece in stream:
        base, view = walker.position, memoryview(piece)
        for entry in walker.feed(piece):
            yield from _between(view, copied - base, entry.start - base)
            yield _renamed_head(entry, rename)
            copied = entry.data
        # What follows the last entry's content is a header, whole only with the next piece.
        content_end = min(walker.position, walker.next_header)
        yield from _between(view, copied - base, content_end - base)
        copied = max(copied, content_end)
    walker.close()
    yield END_OF_ARCHIVE


def file_head(name: str, size: int, mtime: float) -> bytes:
    """The header of a regular file that this program adds: root's, readable by all."""
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, int(mtime), 0o644
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def padding(size: int) -> bytes:
    """The zeros that follow content of this size."""
    return bytes(padded(size) - size)


def _between(view: memoryview, start: int, end: int) -> Iterator[Buffer]:
    start = max(start, 0)
    if end > start:
        yield view[start:end]


def _renamed_head(entry: Entry, rename: Rename) -> bytes:
    name = rename(entry.name)
    if name is None:
        if entry.end != entry.data:
            raise DamagedStream(f"The entry {readable(entry.name)} has no place in an image.")
        return b""
    if entry.sparse:
        raise DamagedStream(f"The entry {readable(entry.name)} is of a kind that no image has.")
    link = rename(entry.link) if entry.kind == HARD_LINK else entry.link
    info = tarfile.TarInfo(_text(name))
    info.type, info.linkname = entry.kind, _text(link or b"")
    info.mode, info.uid, info.gid = entry.mode, entry.uid, entry.gid
    info.mtime = int(float(entry.mtime))
    info.devmajor, info.devminor = entry.device
    info.size = entry.size if entry.kind in FILES else 0
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")

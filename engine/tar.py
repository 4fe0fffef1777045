"""The few tar entries that this program makes or reads itself, one at a time."""

import tarfile
from collections.abc import Iterable

from containermonkey.blocks import BlockFile
from engine.streams import Block

END_OF_TAR = bytes(1024)


def directory_entry(name: str, mode: int = 0o700) -> bytes:
    """The tar header of a folder that belongs to root."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    return entry.tobuf(tarfile.PAX_FORMAT)


def header_of(blocks: Iterable[Block], name: str) -> bytes:
    """The header of the entry `name`, with its extended one, from the beginning of a tar stream.

    No more of the stream is read than up to there; it is closed then. Raise KeyError if the entry
    is not in it.
    """
    with BlockFile(blocks) as file, tarfile.open(fileobj=file, mode="r|") as tar:
        for entry in tar:
            if entry.name == name:
                return entry.tobuf(tarfile.PAX_FORMAT)
    raise KeyError(name)


def count_below(blocks: Iterable[Block], limit: int) -> int:
    """How many entries a tar stream has below its first one, counted up to `limit`.

    No more of the stream is read than is needed for that; it is closed then.
    """
    count = -1
    with BlockFile(blocks) as file, tarfile.open(fileobj=file, mode="r|") as tar:
        for _ in tar:
            count += 1
            if count == limit:
                break
    return max(count, 0)

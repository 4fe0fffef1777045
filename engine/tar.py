"""The few tar entries that this program makes or reads itself, one at a time."""

import io
import tarfile
from collections.abc import Generator, Iterable

from engine.streams import Block, Stream

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
    with StreamFile(blocks) as file, tarfile.open(fileobj=file, mode="r|") as tar:
        for entry in tar:
            if entry.name == name:
                return entry.tobuf(tarfile.PAX_FORMAT)
    raise KeyError(name)


def count_below(blocks: Iterable[Block], limit: int) -> int:
    """How many entries a tar stream has below its first one, counted up to `limit`.

    No more of the stream is read than is needed for that; it is closed then.
    """
    count = -1
    with StreamFile(blocks) as file, tarfile.open(fileobj=file, mode="r|") as tar:
        for _ in tar:
            count += 1
            if count == limit:
                break
    return max(count, 0)


class StreamFile(io.RawIOBase):
    """Blocks as a file that can be read from once; closing it closes the stream behind them."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks = iter(blocks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if isinstance(self._blocks, Stream | Generator):
            self._blocks.close()
        super().close()

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, fewer only at the end."""
        parts, missing = [], size
        while missing and (self._rest or self._next_block()):
            part = self._rest if size < 0 else self._rest[:missing]
            parts.append(bytes(part))
            self._rest = self._rest[len(part) :]
            missing -= len(part) if size >= 0 else 0
        return b"".join(parts)

    def _next_block(self) -> bool:
        block = next(self._blocks, None)
        self._rest = memoryview(block if block is not None else b"")
        return block is not None

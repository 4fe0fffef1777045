"""Blocks of bytes, as they come from a stream, read as a file."""

import io
from collections.abc import Iterable


class BlockFile(io.RawIOBase):
    """Blocks as a file that can be read from once; closing it closes the stream behind them."""

    def __init__(self, blocks: Iterable[bytes | bytearray | memoryview]) -> None:
        self._blocks = iter(blocks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if close := getattr(self._blocks, "close", None):
            close()
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

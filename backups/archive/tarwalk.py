"""Walking a tar stream header by header, whatever pieces it arrives in."""

from .errors import DamagedStream, readable
from .tarheads import BLOCK, END_OF_ARCHIVE, ZERO_BLOCK, Buffer, Entry, read_head

# GNU tar pads to a record of 10 KiB by default; more than this is no padding.
MAX_PADDING = 1 << 20


class TarWalker:
    """Finds every entry of a tar that is fed to it piece by piece, and whether the tar is whole.

    Only headers are looked at; content is stepped over. Pieces may be of any size.
    """

    def __init__(self) -> None:
        self.position = 0
        self.content_end: int | None = None
        self.next_header = 0
        self._carry = b""
        self._last: Entry | None = None

    def feed(self, piece: Buffer) -> list[Entry]:
        """Give the entries whose heads end in this piece. Raise DamagedStream if it is no tar."""
        buffer = self._carry + piece if self._carry else piece
        base = self.position - len(self._carry)
        self.position += len(piece)
        if self.content_end is not None:
            self._check_padding(piece)
            return []
        found: list[Entry] = []
        at = self.next_header - base
        while at + BLOCK <= len(buffer):
            if not buffer[at] and buffer[at : at + BLOCK] == ZERO_BLOCK:
                if at + 2 * BLOCK <= len(buffer):
                    self._end(buffer, at, base)
                break
            entry = read_head(buffer, at, base)
            if entry is None:
                break
            found.append(entry)
            at = entry.end - base
        if found:
            self._last = found[-1]
        self.next_header = base + at
        self._carry = b"" if self.content_end is not None else bytes(buffer[at:])
        return found

    def close(self) -> None:
        """Raise DamagedStream unless the tar's end marker has been seen."""
        if self.content_end is None:
            raise DamagedStream(self._what_is_missing())

    def _end(self, buffer: Buffer, at: int, base: int) -> None:
        if buffer[at : at + 2 * BLOCK] != END_OF_ARCHIVE:
            raise DamagedStream("The stream has an end marker in its middle.")
        self.content_end = base + at
        self._check_padding(buffer[at:])

    def _check_padding(self, piece: Buffer) -> None:
        assert self.content_end is not None
        if bytes(piece).strip(b"\0"):
            raise DamagedStream("The stream goes on after its end marker.")
        if self.position - self.content_end > MAX_PADDING:
            raise DamagedStream("The stream does not end after its end marker.")

    def _what_is_missing(self) -> str:
        if self._last is not None and self.position < self._last.end:
            missing = self._last.end - self.position
            return (
                f"The stream ended in the middle of {readable(self._last.name)}: {missing} of "
                f"{self._last.end - self._last.data} bytes did not arrive."
            )
        if self.position == 0:
            return "The stream was empty."
        return f"The stream ended after {self.position} bytes without an end marker."

"""Lines, put together from what the Engine sends of a log in pieces that are cut anywhere."""

from dataclasses import dataclass

LONGEST_LINE = 16 << 10
"""Bytes of a line that are kept: the Engine itself cuts there, and a line without an end must not
grow in our memory."""

CUT = "… (cut)"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log. `time` is as the Engine writes it, in UTC with nanoseconds."""

    stream: str
    time: str
    text: str


class LineAssembler:
    """Puts pieces of one stream together; gives whole lines as bytes, still with their time."""

    def __init__(self) -> None:
        self._begun = bytearray()
        self._overflows = False

    def feed(self, piece: bytes) -> list[bytes]:
        """The lines that end in this piece."""
        if not self._begun and piece.endswith(b"\n"):
            lines = piece.split(b"\n")
            lines.pop()
            return [cut(line) for line in lines]
        *ended, rest = piece.split(b"\n")
        lines = []
        for end in ended:
            self._keep(end)
            lines.append(self._taken())
        self._keep(rest)
        return lines

    def rest(self) -> list[bytes]:
        """What was begun and has no end, when nothing more comes."""
        return [self._taken()] if self._begun else []

    def _keep(self, piece: bytes) -> None:
        room = LONGEST_LINE - len(self._begun)
        self._overflows |= len(piece) > room
        self._begun += piece[: max(room, 0)]

    def _taken(self) -> bytes:
        line = bytes(self._begun) + (CUT.encode() if self._overflows else b"")
        self._begun.clear()
        self._overflows = False
        return line


def cut(line: bytes) -> bytes:
    return line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + CUT.encode()


def parsed(stream: str, line: bytes) -> Line:
    """A line from its bytes with the time before it; what is not UTF-8 is shown as `�`."""
    time, _, text = line.partition(b" ")
    return Line(stream, time.decode("ascii", "replace"), text.decode(errors="replace"))

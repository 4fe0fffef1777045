"""Lines, put together from what the Engine sends of a log in pieces that are cut anywhere."""

from dataclasses import dataclass

LONGEST_LINE = 16 << 10
"""Bytes of a line that are kept: the Engine itself cuts there, and a line without an end must not
grow in our memory."""

LONGEST_IN_A_FILE = 1 << 20
"""The same where the lines go into a file, and nobody has to look at them."""

PART = 16 << 10
"""Bytes of a line after which the Engine begins a new entry, with the time once more before it."""

CUT = "… (cut)"

Raw = tuple[str, bytes]
"""A line that nobody has looked into yet: its stream, and its bytes with the time before them."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log. `time` is as the Engine writes it, in UTC with nanoseconds."""

    stream: str
    time: str
    text: str


class LineAssembler:
    """Puts pieces of one stream together; gives whole lines as bytes, still with their time."""

    def __init__(self, stream: str, longest: int = LONGEST_LINE) -> None:
        self._stream = stream
        self._longest = longest
        self._begun = bytearray()
        self._overflows = False

    def feed(self, piece: bytes) -> list[Raw]:
        """The lines that end in this piece."""
        first, *others = piece.split(b"\n")
        self._keep(first)
        if not others:
            return []
        rest = others.pop()
        lines = [(self._stream, self._taken())]
        if others:
            stream, longest = self._stream, self._longest
            if max(map(len, others)) <= min(longest, PART):
                lines += [(stream, line) for line in others]
            else:
                lines += [(stream, self._cut(line)) for line in others]
        self._keep(rest)
        return lines

    def rest(self) -> list[Raw]:
        """What was begun and has no end, when nothing more comes."""
        return [(self._stream, self._taken())] if self._begun else []

    def _keep(self, piece: bytes) -> None:
        room = self._longest - len(self._begun)
        self._overflows |= len(piece) > room
        self._begun += piece[: max(room, 0)]

    def _taken(self) -> bytes:
        line = bytes(self._begun) + (CUT.encode() if self._overflows else b"")
        self._begun.clear()
        self._overflows = False
        return joined(line)

    def _cut(self, line: bytes) -> bytes:
        if len(line) > self._longest:
            line = line[: self._longest] + CUT.encode()
        return joined(line)


def joined(line: bytes) -> bytes:
    """The line without the times that the Engine puts into the middle of a long one.

    The entries that a long line was cut into all have the time of the first.
    """
    if len(line) <= PART:
        return line
    time = line[: line.find(b" ") + 1]
    place = len(time) + PART
    while time and line.startswith(time, place):
        line = line[:place] + line[place + len(time) :]
        place += PART
    return line


def parsed(stream: str, line: bytes) -> Line:
    """A line from its bytes with the time before it; what is not UTF-8 is shown as `�`."""
    time, _, text = line.partition(b" ")
    return Line(stream, time.decode("ascii", "replace"), text.decode(errors="replace"))

"""The newest lines of a log of any length, in a memory that has an end."""

from collections import deque

from containers.logs.lines import Raw

MOST_BYTES = 2 << 20
"""Bytes of lines that are kept to be shown, however few lines that is."""


class Newest:
    """Keeps the last lines of what is put in, and counts those that had to go for them."""

    def __init__(self, most_lines: int, most_bytes: int = MOST_BYTES) -> None:
        self._most_lines = most_lines
        self._most_bytes = most_bytes
        self._lines: deque[Raw] = deque()
        self._bytes = 0
        self._left_out = 0

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(self, lines: list[Raw]) -> None:
        """Put lines in behind the others; the oldest make room."""
        surplus = max(len(lines) - self._most_lines, 0)
        self._left_out += surplus
        added = lines[surplus:]
        self._lines.extend(added)
        self._bytes += sum([len(line) for _, line in added])
        while self._lines and (
            len(self._lines) > self._most_lines or self._bytes > self._most_bytes
        ):
            self._bytes -= len(self._lines.popleft()[1])
            self._left_out += 1

    def take(self) -> tuple[list[Raw], int]:
        """The lines, and how many were left out before them; both begin anew."""
        taken = list(self._lines), self._left_out
        self._lines.clear()
        self._bytes = self._left_out = 0
        return taken

"""What is different between two versions of a compose file."""

import difflib
from dataclasses import dataclass

MOST_LINES = 4000
"""Lines of a file that is compared: comparing takes long where much is alike."""

KINDS = {"+": "added", "-": "gone", "@": "place"}


@dataclass(frozen=True)
class Difference:
    """A line; `kind` is added, gone, place (where it is), or nothing for what is the same."""

    kind: str
    text: str


def compare(old: str, new: str) -> list[Difference] | None:
    """The lines that differ and a few around them; None where the files are too long."""
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > MOST_LINES:
        return None
    lines = [*difflib.unified_diff(before, after, lineterm="")][2:]
    return [Difference(KINDS.get(line[:1], ""), line) for line in lines]

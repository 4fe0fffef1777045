"""What GNU tar has to say: sorted, bounded, and in words that fit into a report."""

import re
from collections.abc import Iterable

from containermonkey.problems import NoSpace, Problem

SHOWN = 20
"""Messages that are told one by one; of more only the number is told."""

LONGEST = 300

WHO = re.compile(r"^(?:\S*/)?tar: ")
FULL = re.compile(r"Wrote only \d+ of \d+ bytes|No space left on device")
ENDS = ("Exiting with failure status due to previous errors", "Error is not recoverable")

FINE, CHANGED = 0, 1
"""What tar exits with when all went well, and when files changed while they were read."""


class TarFailed(Problem):
    """GNU tar could not read or write everything."""

    status, code = 502, "tar_failed"


class TarFoundNoSpace(TarFailed, NoSpace):
    """GNU tar could not write everything, because the disk is full."""

    status, code = NoSpace.status, NoSpace.code


def sentences(lines: Iterable[str], key: str) -> list[str]:
    """Tar's messages about a volume, with names relative to its root, without what is noise."""
    found = []
    for line in lines:
        text = WHO.sub("", line.strip()).replace(f"volumes/{key}/", "").strip()
        text = FULL.sub("there is no space left", text)
        text = text.replace(f"volumes/{key}:", "The root of the volume:")
        if text and not text.startswith(ENDS):
            found.append(text[:LONGEST])
    return found


def checked(status: int, lines: Iterable[str], key: str) -> list[str]:
    """What is to be reported of a tar that has ended. Raise TarFailed unless it got through."""
    lines = list(lines)
    said = sentences(lines, key)
    if status not in (FINE, CHANGED):
        problem = TarFoundNoSpace if any(map(FULL.search, lines)) else TarFailed
        told = "; ".join(said[:3]) or f"it ended with the status {status}"
        raise problem(f"GNU tar did not get through: {told}")
    return said


def bounded(said: list[str]) -> list[str]:
    """No more of the messages than a report can hold."""
    more = len(said) - SHOWN
    return [*said[:SHOWN], f"… and {more} more such messages."] if more > 0 else said

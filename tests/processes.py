"""What the kernel says about processes."""

import os
import signal
from pathlib import Path


def children(parent: int) -> list[int]:
    """The ids of a process's own children."""
    return [pid for pid in _all() if _parent(pid) == parent]


def descendants(ancestor: int) -> list[int]:
    """The ids of everything below a process, the nearest first."""
    found = children(ancestor)
    for pid in found:
        found.extend(children(pid))
    return found


def command_line(pid: int) -> str:
    """A process's arguments, or nothing where it is gone."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return raw.replace(b"\0", b" ").decode(errors="replace").strip()


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    return _stat(pid)[:1] not in ([], ["Z"], ["X"])


def stopped(pid: int) -> bool:
    """Whether every thread of a process stands still; a stop reaches them one by one."""
    stats = [path.read_text(errors="replace") for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return bool(stats) and all(text.rpartition(")")[2].split()[0] == "T" for text in stats)


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that is gone already is no error."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _all() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _parent(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[1]) if fields else None


def _stat(pid: int) -> list[str]:
    """The fields after the name, which stands in brackets and may hold anything."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()

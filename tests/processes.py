"""What the kernel says about processes."""

import os
import signal
from contextlib import suppress
from pathlib import Path


def children(parent: int) -> list[int]:
    """The ids of a process's own children."""
    found: list[str] = []
    for thread in _threads(parent):
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended
            found += Path(f"/proc/{parent}/task/{thread}/children").read_text().split()
    return [int(pid) for pid in found]


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
    states = [_stat(f"{pid}/task/{thread}")[:1] for thread in _threads(pid)]
    # A thread that has ended meanwhile has none.
    return ["T"] in states and all(state in (["T"], []) for state in states)


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that is gone already is no error."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _threads(pid: int) -> list[str]:
    """The ids of a process's threads; none where it is gone."""
    try:
        return os.listdir(f"/proc/{pid}/task")
    except (FileNotFoundError, ProcessLookupError):
        return []


def _stat(pid: int | str) -> list[str]:
    """The fields after the name, which stands in brackets and may hold anything.

    Of a process, or of a thread below one; nothing where it is gone.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler for a signal: one that is just starting has none yet."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (number - 1) & 1)

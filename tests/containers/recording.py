"""An undo list as a job has it, in memory, and a way to fail at every place."""

from typing import Any

from jobs.registry import undo_action_of


class Broken(Exception):
    """What a test lets happen."""


class Recorder:
    """Keeps what is written, and carries it out from the end.

    `fail_at` raises Broken instead of the write with this number, as a process that is killed
    between two acts does nothing more.
    """

    def __init__(self, fail_at: int | None = None) -> None:
        self.entries: list[tuple[str, dict[str, Any]]] = []
        self.fail_at = fail_at

    def write(self, action: str, **arguments: Any) -> int:
        if self.fail_at == len(self.entries) + 1:
            raise Broken
        self.entries.append((action, arguments))
        return len(self.entries)

    def unwind(self) -> None:
        for action, arguments in reversed(self.entries):
            undo_action_of(action)(**arguments)

"""How stacks are told about on pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from containermonkey.looks import DOT, Look
from stacks.types import Stack

STATUS = {
    "running": Look("Running", "ok", DOT),
    "partial": Look("Partly running", "warn", icon="warning"),
    "stopped": Look("Stopped", "idle", icon="stop-circle"),
}
GONE = Look("Only in backups", "idle", icon="archive")


@dataclass(frozen=True)
class Row:
    """A stack in the list; `last_backup` is that of all of it together."""

    stack: Stack
    look: Look
    last_backup: datetime | None

    @property
    def images(self) -> str:
        return ", ".join(dict.fromkeys(service.image for service in self.stack.services))


def rows_of(stacks: Iterable[Stack], last_backups: Mapping[str, datetime]) -> list[Row]:
    return [Row(stack, look_of(stack), last_backups.get(stack.name)) for stack in stacks]


def look_of(stack: Stack) -> Look:
    return STATUS[stack.status] if stack.containers else GONE

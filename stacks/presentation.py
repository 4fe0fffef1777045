"""How stacks are told about on pages."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from containermonkey import figures
from containermonkey.looks import DOT, Look
from stacks.acts import Result
from stacks.deleting import Belongings
from stacks.types import Stack

STATUS = {
    "running": Look("Running", "ok", DOT),
    "partial": Look("Partly running", "warn", icon="warning"),
    "stopped": Look("Stopped", "idle", icon="stop-circle"),
}
GONE = Look("Only in backups", "idle", icon="archive")
KEPT = Look("Only its file", "idle", icon="file-text")


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
    return [
        Row(
            stack, look_of(stack, is_saved=stack.name in last_backups), last_backups.get(stack.name)
        )
        for stack in stacks
    ]


def look_of(stack: Stack, *, is_saved: bool) -> Look:
    if stack.is_here:
        return STATUS[stack.status]
    return GONE if is_saved else KEPT


def counted(results: Iterable[Result]) -> str:
    """How many of what, as `3 containers and 1 network`."""
    kinds = Counter(result.kind for result in results)
    parts = [figures.counted(number, kind) for kind, number in kinds.items()]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def deletion_of(stack: Stack, found: Belongings) -> dict[str, Any]:
    """What the page asks that deletes a stack: all that goes with it, and what stays."""
    members = [container.name for container in stack.containers]
    if stack.kind == "swarm":
        members = [service.name for service in stack.services]
    word = "service" if stack.kind == "swarm" else "container"
    lost = [f"The {word} {name}, and what it wrote outside of volumes" for name in members]
    return {
        "title": f"Delete the stack {stack.name}?",
        "stack": stack,
        "lost": [*lost, *(f"The network {name}" for name in found.networks)],
        "kept": ["Its backups", "Its images", *(f"The volume {name}" for name in found.volumes)],
        "volumes": found.volumes,
        "submit": "Delete",
        "cancel_url": reverse("stacks:detail", args=[stack.name]),
    }

"""What the good backups of each container hold: read from records, with one query."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backups.files import sizes_if_any
from backups.models import Backup, Kind


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was saved, and where."""

    created: datetime
    filename: str


Mounted = tuple[str, str]
"""A volume or folder, by its name or path, and where it is mounted."""


@dataclass
class Saved:
    """What the backups of one container hold; `left_out` is what the newest does not, and why.

    `alone` are the volumes of the host that were saved by themselves, by their names.
    """

    newest: Moment | None = None
    mounts: dict[Mounted, Moment] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    alone: dict[str, Moment] = field(default_factory=dict)

    def moment_of(self, name: str, destination: str) -> Moment | None:
        """When what is mounted there was last saved, with the container or by itself."""
        return newer(self.mounts.get((name, destination)), self.alone.get(name))

    def take(self, moment: Moment, volumes: list[Any], skipped: list[Any]) -> None:
        """Count a backup in; they come from the newest on."""
        if self.newest is None:
            self.newest = moment
            self.left_out = {item["destination"]: item["reason"] for item in skipped}
        for volume in volumes:
            for destination in volume["destination"].split(", "):
                self.mounts.setdefault((volume["name"], destination), moment)


def newer(one: Moment | None, other: Moment | None) -> Moment | None:
    """The later of two moments, as far as there are any."""
    return max(filter(None, (one, other)), key=lambda moment: moment.created, default=None)


def saved_by_container(names: Collection[str]) -> dict[str, Saved]:
    """What is saved of each container, by its name.

    A backup counts if it was found good and its file is there as it was.
    """
    there = sizes_if_any()
    alone: dict[str, Moment] = {}
    found = {name: Saved(alone=alone) for name in names}
    for kind, name, filename, size, created, volumes, skipped in good_backups():
        if there.get(filename) != size:
            continue
        if kind == Kind.VOLUME:
            alone.setdefault(name, Moment(created, filename))
        elif name in found:
            found[name].take(Moment(created, filename), volumes or [], skipped or [])
    return found


def good_backups() -> Iterator[tuple[Any, ...]]:
    """The backups with data that were found good, the newest first; only what is asked is read."""
    return (
        Backup.objects.filter(kind__in=(Kind.CONTAINER, Kind.VOLUME), verified=True)
        .order_by("-created", "-pk")
        .values_list(
            *("kind", "container_name", "filename", "size", "created"),
            *("metadata__volumes", "metadata__skipped"),
        )
        .iterator()
    )

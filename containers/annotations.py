"""What other apps know about containers, shown on their pages without these knowing those apps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether the content of a mount is in the newest backup of its container.

    `saved_at` and `filename` say in which, `reason` why it is in none, as a sentence; with
    neither it has not been backed up yet.
    """

    saved_at: datetime | None = None
    filename: str = ""
    reason: str = ""


LastBackups = Callable[[], Mapping[str, datetime]]
CoverageOf = Callable[[dict[str, Any]], Mapping[str, Coverage]]

_last_backups: LastBackups | None = None
_coverage: CoverageOf | None = None


def show_last_backups(provider: LastBackups | None) -> None:
    """Declare who knows when each container, by its name, was last backed up."""
    global _last_backups
    _last_backups = provider


def last_backups() -> Mapping[str, datetime]:
    """The time of the last backup by container name; nothing for those that have none."""
    return _last_backups() if _last_backups else {}


def show_coverage(provider: CoverageOf | None) -> None:
    """Declare who knows which mounts of an inspected container are backed up."""
    global _coverage
    _coverage = provider


def coverage_of(inspect: dict[str, Any]) -> Mapping[str, Coverage]:
    """The coverage of a container's mounts, by their destination."""
    return _coverage(inspect) if _coverage else {}

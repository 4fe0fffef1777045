"""What other apps know about networks, shown on their pages without these knowing those apps."""

from collections.abc import Callable, Mapping
from datetime import datetime

LastBackups = Callable[[], Mapping[str, datetime]]

_last_backups: LastBackups | None = None


def show_last_backups(provider: LastBackups | None) -> None:
    """Declare who knows when each network, by its name, was last backed up."""
    global _last_backups
    _last_backups = provider


def last_backups() -> Mapping[str, datetime]:
    """The time of the last backup by a network's name; nothing for those that have none."""
    return _last_backups() if _last_backups else {}

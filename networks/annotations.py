"""What other apps know about networks, shown on their pages without these knowing those apps."""

from collections.abc import Callable, Mapping
from datetime import datetime

from networks.types import SavedAs

LastBackups = Callable[[], Mapping[str, datetime]]
BackupsOf = Callable[[str], list[SavedAs]]

_last_backups: LastBackups | None = None
_backups_of: BackupsOf | None = None


def show_backups(of_one: BackupsOf | None, last_of_all: LastBackups | None) -> None:
    """Declare who knows the good backups of a network, by its name, the newest first.

    And when each network, by its name, was last backed up.
    """
    global _backups_of, _last_backups
    _backups_of, _last_backups = of_one, last_of_all


def last_backups() -> Mapping[str, datetime]:
    """The time of the last backup by a network's name; nothing for those that have none."""
    return _last_backups() if _last_backups else {}


def backups_of(network: str) -> list[SavedAs]:
    """The good backups of a network, by its name, the newest first."""
    return _backups_of(network) if _backups_of else []

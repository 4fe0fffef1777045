"""What other apps know about volumes, shown on their pages without these knowing those apps."""

from collections.abc import Callable, Mapping
from datetime import datetime

from volumes.types import SavedIn

LastBackups = Callable[[], Mapping[str, datetime]]
BackupsOf = Callable[[str], list[SavedIn]]

_last_backups: LastBackups | None = None
_backups_of: BackupsOf | None = None


def show_backups(of_one: BackupsOf | None, last_of_all: LastBackups | None) -> None:
    """Declare who knows which backups hold a volume's content, the newest first.

    And when each volume was last saved, by its name.
    """
    global _backups_of, _last_backups
    _backups_of, _last_backups = of_one, last_of_all


def last_backups() -> Mapping[str, datetime]:
    """When the content of each volume was last saved in a good backup, by the volume's name."""
    return _last_backups() if _last_backups else {}


def backups_of(volume: str) -> list[SavedIn]:
    """The backups that hold the content of a volume, by its name, the newest first."""
    return _backups_of(volume) if _backups_of else []

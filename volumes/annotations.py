"""What other apps know about volumes, shown on their pages without these knowing those apps."""

from collections.abc import Callable

from volumes.types import SavedIn

BackupsOf = Callable[[str], list[SavedIn]]

_backups_of: BackupsOf | None = None


def show_backups(provider: BackupsOf | None) -> None:
    """Declare who knows which backups hold a volume's content, the newest first."""
    global _backups_of
    _backups_of = provider


def backups_of(volume: str) -> list[SavedIn]:
    """The backups that hold the content of a volume, by its name, the newest first."""
    return _backups_of(volume) if _backups_of else []

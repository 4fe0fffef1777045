"""What can be wrong with a backup or in the way of a restore."""

from collections.abc import Iterable
from dataclasses import asdict

from backups.types import Conflict
from containermonkey import problems


class RestoreConflict(problems.Conflict):
    """The restore would meet something that the options give no answer to."""

    def __init__(self, conflicts: Iterable[Conflict]) -> None:
        conflicts = list(conflicts)
        super().__init__(
            " ".join(conflict.message for conflict in conflicts),
            conflicts=[asdict(conflict) for conflict in conflicts],
        )


class CannotBackUp(problems.Conflict):
    """A container whose data cannot be saved, or not in the way that was asked for."""


class NoBackupDirectory(CannotBackUp):
    """The place for archives is not there."""

    def __init__(self) -> None:
        super().__init__(
            "The directory for backups is not there. Is the disk mounted that holds it?"
        )


class CannotRestore(problems.Conflict):
    """An archive that does not hold what is needed to bring its container back."""

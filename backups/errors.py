"""What can be wrong with a backup or in the way of a restore."""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from backups.types import Conflict
from containermonkey import problems


class RestoreConflict(problems.Conflict):
    """The restore would meet something that the options give no answer to."""

    def __init__(self, conflicts: Iterable[Conflict]) -> None:
        self.conflicts = list(conflicts)
        super().__init__(
            " ".join(conflict.message for conflict in self.conflicts),
            conflicts=[asdict(conflict) for conflict in self.conflicts],
        )


class CannotBackUp(problems.Conflict):
    """A container whose data cannot be saved, or not in the way that was asked for."""


class NoBackupDirectory(CannotBackUp):
    """The place for archives is not there."""

    def __init__(self) -> None:
        super().__init__(
            "The directory for backups is not there. Is the disk mounted that holds it?"
        )


class NoSpaceForBackups(problems.NoSpace):
    """The disk that holds the archives is full, or would be."""

    def __init__(self) -> None:
        super().__init__("There is not enough space on the disk that holds the backups.")


class CannotRestore(problems.Conflict):
    """An archive that does not hold what is needed to bring its container back."""


@contextmanager
def problems_of_the_disk() -> Iterator[None]:
    """Say in words what the disk that holds the archives refuses."""
    try:
        yield
    except FileNotFoundError:
        raise NoBackupDirectory from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpaceForBackups from None
        raise

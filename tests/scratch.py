"""The one temporary directory of a test run.

Everything that a run leaves on disk lies in it. The run holds a lock on it for as long as it
lives, so that a later run can tell what a killed one left behind, and removes that.
"""

import fcntl
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "cm-test-"
# Where a disk has too little room, or is too slow, another can be named. Not /tmp: where that is
# in memory, what a container writes counts against the container's memory.
ROOT_VARIABLE = "CONTAINERMONKEY_TEST_ROOT"
DEFAULT_ROOT = "/var/tmp"


class Scratch:
    """A directory that is this run's own until it is removed."""

    def __init__(self) -> None:
        with _root() as root:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root)).resolve()
            self._claim = os.open(self.path / "claim", os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(self._claim, fcntl.LOCK_EX)

    def remove(self) -> None:
        """Remove the directory with everything in it.

        The claim is gone before the rest is; nobody may look meanwhile.
        """
        with _root():
            remove_tree(self.path)
        os.close(self._claim)


def remove_tree(path: Path) -> None:
    """Remove a directory with everything in it, however deep that is; shutil's way is not."""
    subprocess.run(["rm", "--recursive", "--force", "--one-file-system", "--", path], check=True)


@contextmanager
def abandoned() -> Iterator[list[Path]]:
    """The directories of runs that are dead; no run can begin while they are looked at."""
    with _root() as root:
        yield [path for path in root.glob(f"{PREFIX}*") if path.is_dir() and not _claimed(path)]


def _claimed(directory: Path) -> bool:
    try:
        with (directory / "claim").open() as claim:
            fcntl.flock(claim, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


@contextmanager
def _root() -> Iterator[Path]:
    """The directory above; locked, so that a new directory is never seen before its claim."""
    root = Path(os.environ.get(ROOT_VARIABLE) or DEFAULT_ROOT)
    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield root
    finally:
        os.close(descriptor)

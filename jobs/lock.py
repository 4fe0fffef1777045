"""The lock that makes the worker single, and that tells whether there is one."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

from containermonkey.problems import Conflict

PATIENCE = 1.0
"""Seconds to try for: who asks `worker_holds_lock` has the lock for a moment, and no longer."""


def lock_path() -> Path:
    return Path(settings.DATA_DIR) / "worker.lock"


@contextmanager
def only_worker() -> Iterator[None]:
    """Be the worker of this data directory. Raise Conflict if there is one already.

    The operating system lets go of the lock when the process ends, however it ends.
    """
    with lock_path().open("a") as file:
        deadline = time.monotonic() + PATIENCE
        while not taken(file, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise Conflict("Another worker is already running on this data directory.")
            time.sleep(0.02)
        yield


def worker_holds_lock() -> bool:
    """Whether some process is the worker; found out without becoming it."""
    try:
        with lock_path().open("r") as file:
            return not taken(file, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def taken(file: IO[str], kind: int) -> bool:
    """Take the lock if it is free."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

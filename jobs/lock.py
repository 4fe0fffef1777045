"""The lock that makes the worker single, and that tells whether there is one."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from containermonkey.problems import Conflict


def lock_path() -> Path:
    return Path(settings.DATA_DIR) / "worker.lock"


@contextmanager
def only_worker() -> Iterator[None]:
    """Be the worker of this data directory. Raise Conflict if there is one already.

    The operating system lets go of the lock when the process ends, however it ends.
    """
    with lock_path().open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("Another worker is already running on this data directory.") from None
        yield


def worker_holds_lock() -> bool:
    """Whether some process is the worker; found out without becoming it."""
    try:
        with lock_path().open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False

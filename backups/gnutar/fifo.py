"""A named pipe between this process and a tar in a helper container.

It lies in our own data directory, which the helper is given to mount: for reading only, since a
pipe is no less of one there.
"""

import os
import secrets
import select
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from backups.gnutar.messages import TarFailed
from backups.gnutar.pipes import widen
from jobs.registry import undo_action
from jobs.undo import Undo

REMOVE = "backups.remove_pipe"

INSIDE = "/container-monkey"
"""Where a helper has the folder of the pipe."""

FOLDER, NAME = "pipes", "pipe"

PATIENCE = 0.05
"""Seconds between two looks at whether the other end is still coming."""

StillComing = Callable[[], bool]


class Fifo:
    """One named pipe. `data` is our data directory as the Engine's host has it."""

    inside = f"{INSIDE}/{NAME}"

    def __init__(self, path: Path, data: str) -> None:
        self.path, self.data = path, data

    def mount(self) -> dict[str, Any]:
        """The mount of a helper that has the pipe at `inside`, and nothing else of ours."""
        folder = Path(self.data) / self.path.parent.relative_to(settings.DATA_DIR)
        return {"Type": "bind", "Source": str(folder), "Target": INSIDE, "ReadOnly": True}

    # Nobody may ever open the other end, so an open that waits for it might wait for ever.

    def open_to_read(self, still_coming: StillComing) -> IO[bytes]:
        """Our end, once something has come. Raise TarFailed where nothing will."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        pipe = os.fdopen(descriptor, "rb", buffering=0)
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while not poll.poll(PATIENCE * 1000):
            if not still_coming() and not poll.poll(0):
                pipe.close()
                raise TarFailed("GNU tar ended before it had begun.")
        os.set_blocking(descriptor, True)
        widen(pipe)
        return pipe

    def open_to_write(self, still_coming: StillComing) -> IO[bytes]:
        """Our end, once somebody reads. Raise TarFailed where nobody will."""
        while True:
            try:
                descriptor = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError:  # nobody reads yet
                if not still_coming():
                    raise TarFailed("GNU tar ended before it had begun.") from None
                time.sleep(PATIENCE)
                continue
            os.set_blocking(descriptor, True)
            pipe = os.fdopen(descriptor, "wb", buffering=0)
            widen(pipe)
            return pipe


@contextmanager
def fifo(undo: Undo, job: str, data: str) -> Iterator[Fifo]:
    """A named pipe that goes away with the block, and with the job at the latest."""
    # Of its own, because a job may read one volume while it fills another.
    part = secrets.token_hex(4)
    path = folder_of(job) / part / NAME
    key = undo.write(REMOVE, job=job, part=part)
    try:
        path.parent.mkdir(mode=0o700, parents=True)
        os.mkfifo(path, 0o600)
        yield Fifo(path, data)
    finally:
        undo.carry_out(key)


def folder_of(job: str) -> Path:
    return Path(settings.DATA_DIR) / FOLDER / job


@undo_action(REMOVE)
def remove_pipe(job: str, part: str = "") -> None:
    """Remove what is left of one of a job's pipes, and their folder with the last of them."""
    shutil.rmtree(folder_of(job) / part, ignore_errors=True)
    with suppress(OSError):
        folder_of(job).rmdir()

"""A GNU tar of this machine, at work in one directory."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO

from django.conf import settings

from backups.gnutar import room
from backups.gnutar.command import ENVIRONMENT, save_command
from backups.gnutar.messages import TarFailed, checked
from backups.gnutar.pipes import blocks_from, widen, write_all
from engine.streams import Block
from jobs.registry import undo_action
from jobs.undo import Undo
from volumes.local import Directory

TAKEN = 1 << 20
"""Bytes of tar's messages that are read."""

AWAIT_FILLING = "backups.await_filling"
"""The undo action that begins what stands before it when nobody writes any more."""


def started(
    directory: Directory,
    key: str,
    command: list[str],
    messages: IO[bytes],
    *,
    write: bool,
    lock: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command in a room with this directory; see `backups.gnutar.room`.

    `lock` is a file that it keeps open until its end.
    """
    program = shutil.which(command[0], path=ENVIRONMENT["PATH"]) or command[0]
    place = [directory.path, str(directory.device), str(directory.inode), key]
    return subprocess.Popen(
        [
            *[sys.executable, "-I", "-S", room.__file__, str(os.getpid())],
            *[str(settings.DATA_DIR), *place, "rw" if write else "ro"],
            *[program, *command[1:]],
        ],
        stdin=subprocess.PIPE if write else subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if write else subprocess.PIPE,
        stderr=messages,
        pass_fds=() if lock is None else (lock,),
        env=ENVIRONMENT,
        bufsize=0,
    )


class TarProcess:
    """One tar, from its start until it has been waited for. Use it with `working`."""

    def __init__(
        self,
        directory: Directory,
        key: str,
        command: list[str],
        *,
        write: bool,
        lock: int | None = None,
    ) -> None:
        self.key = key
        # A file takes what tar says without anybody reading it meanwhile.
        self.messages = tempfile.TemporaryFile(dir=settings.DATA_DIR)  # noqa: SIM115
        self.process = started(directory, key, command, self.messages, write=write, lock=lock)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                widen(pipe)

    def blocks(self) -> Iterator[Block]:
        """What tar writes; whether that was all of it, `finish` tells."""
        assert self.process.stdout is not None
        yield from blocks_from(self.process.stdout)

    def take(self, blocks: Iterable[Block]) -> None:
        """Have tar read the blocks, as far as it wants them."""
        assert self.process.stdin is not None
        write_all(self.process.stdin, blocks)

    def finish(self) -> list[str]:
        """Wait for tar's end; what it said. Raise TarFailed unless it got through."""
        status = self.process.wait()
        self.messages.seek(0)
        lines = self.messages.read(TAKEN).decode(errors="backslashreplace").splitlines()
        return checked(status, lines, self.key)

    def close(self) -> None:
        """End tar, if it has not ended."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.messages):
            if pipe:
                pipe.close()


@contextmanager
def working(
    directory: Directory, key: str, command: list[str], *, write: bool, lock: int | None = None
) -> Iterator[TarProcess]:
    """A tar at work in a directory, which has ended when the block has."""
    tar = TarProcess(directory, key, command, write=write, lock=lock)
    try:
        yield tar
    finally:
        tar.close()


@contextmanager
def filling(undo: Undo) -> Iterator[int]:
    """A locked file for whoever writes into a directory to keep open.

    A tar is killed with its worker, but dies a moment later; the undo waits for that, so that the
    tar writes nothing between what is being put back.
    """
    with undo.afterwards(AWAIT_FILLING):
        lock = os.open(lock_file(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock
        finally:
            os.close(lock)


def lock_file() -> Path:
    return Path(settings.DATA_DIR) / "filling.lock"


@undo_action(AWAIT_FILLING)
def await_filling() -> None:
    """Wait until no tar of ours writes into a directory any more."""
    with lock_file().open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


@cache
def works_here() -> bool:
    """Whether this machine has a GNU tar that keeps everything, and this process makes rooms."""
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as empty:
        try:
            with working(Directory.at(empty), "probe", save_command("probe"), write=False) as tar:
                return any(tar.blocks()) and not tar.finish()
        except (OSError, TarFailed):
            return False

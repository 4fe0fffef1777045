"""GNU tar in a helper container, where only the Engine reaches a volume.

Its bytes come and go through a named pipe: what a container prints reaches us at a third of that
speed. So the Engine has to be on this host.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from backups.gnutar.command import empty_command, fill_command, save_command
from backups.gnutar.fifo import Fifo, fifo
from backups.gnutar.messages import TarFailed, bounded, checked
from backups.gnutar.pipes import blocks_from, write_all
from backups.transport import Blocks, key_of
from containermonkey.problems import Problem
from engine import Docker, engine
from engine.helpers import end_of, is_running, running_helper
from engine.streams import Block
from jobs.undo import Undo


class HelperTransport:
    """Through a tar of a helper's image. It keeps everything.

    `data` is where the Engine's host has our data directory.
    """

    name = "helper"

    def __init__(
        self, docker: Docker, undo: Undo, image: str, data: str, note: Callable[[str], None]
    ) -> None:
        self.docker, self.undo, self.image, self.data = docker, undo, image, data
        self.note = note

    def works(self, job: str) -> bool:
        """Whether the image has a GNU tar that keeps everything, and the pipe carries it here."""
        try:
            with engine(), self.at_work(empty_command(Fifo.inside), [], job) as (pipe, tar):
                came = any(self.blocks(pipe, tar))
                return came and not self.said(tar, "")
        except Problem:
            return False

    @contextmanager
    def reading(self, mount: dict[str, Any], job: str) -> Iterator[Blocks]:
        command = save_command(key_of(mount), Fifo.inside)
        with self.at_work(command, [mount], job) as (pipe, tar):
            yield self.read_from(pipe, tar, key_of(mount))

    def read_from(self, pipe: Fifo, tar: str, key: str) -> Iterator[Block]:
        """The tar's blocks; at their end, what it had to say."""
        yield from self.blocks(pipe, tar)
        self.finish(tar, key)

    def fill(self, mount: dict[str, Any], blocks: Blocks, job: str) -> None:
        with self.at_work(fill_command(Fifo.inside), [mount], job) as (pipe, tar):
            with pipe.open_to_write(lambda: is_running(self.docker, tar)) as target:
                write_all(target, blocks)
            self.finish(tar, key_of(mount))

    @contextmanager
    def at_work(
        self, command: list[str], mounts: list[dict[str, Any]], job: str
    ) -> Iterator[tuple[Fifo, str]]:
        """A helper that runs a command, and the pipe that it has; both go away with the block."""
        with (
            fifo(self.undo, job, self.data) as pipe,
            running_helper(self.docker, self.image, command, [*mounts, pipe.mount()], job) as tar,
        ):
            yield pipe, tar

    def blocks(self, pipe: Fifo, tar: str) -> Iterator[Block]:
        try:
            source = pipe.open_to_read(lambda: is_running(self.docker, tar))
        except TarFailed:
            self.said(tar, "")  # which tells better why, as it has failed
            raise
        with source:
            yield from blocks_from(source)

    def finish(self, tar: str, key: str) -> None:
        """Wait for the tar's end and pass its messages on. Raise TarFailed if it failed."""
        for sentence in bounded(self.said(tar, key)):
            self.note(sentence)

    def said(self, tar: str, key: str) -> list[str]:
        """Wait for the tar's end; what it said. Raise TarFailed unless it got through."""
        status, output = end_of(self.docker, tar)
        return checked(status, output.splitlines(), key)

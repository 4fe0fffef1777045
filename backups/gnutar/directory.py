"""GNU tar on the directory of a volume itself, where this process reaches it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from backups.gnutar.command import fill_command, save_command
from backups.gnutar.messages import TarFailed, bounded
from backups.gnutar.process import TarProcess, filling, working
from backups.transport import Blocks, key_of
from engine.streams import Block
from jobs.undo import Undo
from volumes.local import Directory


class DirectoryTransport:
    """Through a tar of this machine, in one directory. It keeps everything."""

    name = "directory"

    def __init__(self, directory: Directory, undo: Undo, note: Callable[[str], None]) -> None:
        self.directory, self.undo, self.note = directory, undo, note

    @contextmanager
    def reading(self, mount: dict[str, Any], job: str) -> Iterator[Blocks]:
        key = key_of(mount)
        with working(self.directory, key, save_command(key), write=False) as tar:
            yield self.read_from(tar)

    def read_from(self, tar: TarProcess) -> Iterator[Block]:
        """The tar's blocks; at their end, what it had to say."""
        yield from tar.blocks()
        self.finish(tar)

    def fill(self, mount: dict[str, Any], blocks: Blocks, job: str) -> None:
        key, command = key_of(mount), fill_command()
        with (
            filling(self.undo) as lock,
            working(self.directory, key, command, write=True, lock=lock) as tar,
        ):
            tar.take(blocks)
            self.finish(tar)

    def finish(self, tar: TarProcess) -> None:
        """Wait for the tar's end and pass its messages on. Raise TarFailed if it failed."""
        for sentence in bounded(tar.finish()):
            self.note(sentence)
        # Nobody holds it, as the Engine does for a helper, and to tar its files just vanished.
        if self.directory.was_removed():
            raise TarFailed("It was removed, or replaced by another, in the middle of it.")

"""How many bytes a backup will read, told before they have been read."""

import threading
from collections.abc import Iterator
from typing import Any

from backups.models import Backup, Kind
from backups.sources import Source
from backups.transport import Blocks
from containermonkey.problems import Problem
from engine.streams import Block
from jobs.running import RunningJob
from volumes.sizes import count_sizes

PER_FILE = 768
"""Bytes that a file takes in a tar beside its content: a header, and half a block of padding."""


class Estimate:
    """The total of a backup's reading, as far as it is known.

    That of the last backup of the same container, else the Engine's own count. The Engine walks
    every volume of the host for that, so it is asked beside the work, and its answer is taken
    when it comes.
    """

    def __init__(self, running: RunningJob) -> None:
        self.running = running
        self.answer: int | None = None

    def begin(self, container_name: str, sources: list[Source], image_size: int) -> None:
        """Set the total, or begin to find it out. `image_size` is 0 where no image is saved."""
        if not sources:
            self.running.expect(image_size)
            return
        total = total_of_last_backup(container_name, sources)
        if total is not None:
            self.running.expect(total + image_size)
        elif all(source.type == "volume" for source in sources):
            names = {source.name for source in sources}
            threading.Thread(target=self.ask_engine, args=(names, image_size), daemon=True).start()

    def ask_engine(self, names: set[str], image_size: int) -> None:
        """Ask for the volumes' sizes; without an answer the total stays unknown."""
        try:
            sizes = count_sizes().of
        except Problem:
            return
        if names <= sizes.keys():
            self.answer = sum(sizes[name] for name in names) + image_size

    def counted(self, blocks: Blocks) -> Iterator[Block]:
        """The blocks as they are, counted as they pass."""
        for block in blocks:
            self.keep_up(self.running.job.bytes_done + len(block))
            self.running.advance(len(block))
            yield block

    def keep_up(self, done: int) -> None:
        """Take the Engine's answer if it has come, and never tell of less than there has been."""
        if self.answer is not None:
            self.running.expect(self.answer)
            self.answer = None
        total = self.running.job.bytes_total
        if total is not None and done > total:
            self.running.expect(done)


def total_of_last_backup(container_name: str, sources: list[Source]) -> int | None:
    """The bytes that the same volumes and folders were in the container's last backup."""
    previous = Backup.objects.filter(kind=Kind.CONTAINER, container_name=container_name).first()
    known: dict[str, dict[str, Any]] = {}
    if previous:
        known = {volume["key"]: volume for volume in previous.metadata["volumes"]}
    volumes = [known.get(source.key) for source in sources]
    if None in volumes:
        return None
    return sum(volume["size"] + volume["files"] * PER_FILE for volume in volumes if volume)

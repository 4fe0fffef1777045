"""Which way the content of each volume travels: the best that this host offers.

GNU tar keeps everything about a file and is the quickest, in the directory itself before through
a helper container; the Engine's own archive calls work everywhere. A volume is restored in the
best way of the host that it is restored to, however it was saved.
"""

from collections.abc import Callable
from typing import Any

from backups.gnutar.directory import DirectoryTransport
from backups.gnutar.process import works_here
from backups.transport import EngineTransport, Transport
from engine import Docker
from jobs.running import RunningJob
from volumes.local import LocalDirectories


class Ways:
    """The ways to move volumes, for one job; `note` takes what is to be reported of the moving."""

    def __init__(self, docker: Docker, running: RunningJob, note: Callable[[str], None]) -> None:
        self.docker, self.note = docker, note
        self.directories = LocalDirectories(docker, running.undo, running.label)

    def best(self, mount: dict[str, Any]) -> Transport:
        """The way for one volume or folder; `mount` is that of a helper, at `/volumes/<key>`."""
        directory = self.directories.find(mount) if works_here() else None
        if directory:
            return DirectoryTransport(directory, self.note)
        return EngineTransport(self.docker)

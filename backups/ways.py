"""Which way the content of each volume travels: the best that this host offers.

GNU tar keeps everything about a file and is the quickest, in the directory itself before through
a helper container; the Engine's own archive calls work everywhere. A volume is restored in the
best way of the host that it is restored to, however it was saved.
"""

from collections.abc import Callable
from typing import Any

from backups.gnutar.directory import DirectoryTransport
from backups.gnutar.helper import HelperTransport
from backups.gnutar.process import works_here
from backups.transport import EngineTransport, Transport
from engine import Docker
from engine.helpers import helper_image
from jobs.running import RunningJob
from volumes.local import LocalDirectories, owners_are_plain
from volumes.protected import OwnData


class Ways:
    """The ways to move volumes, for one job; `note` takes what is to be reported of the moving."""

    def __init__(self, docker: Docker, running: RunningJob, note: Callable[[str], None]) -> None:
        self.docker, self.running, self.note = docker, running, note
        self.directories = LocalDirectories(docker, running.undo, running.label)
        self.other: Transport | None = None

    def best(self, mount: dict[str, Any]) -> Transport:
        """The way for one volume or folder; `mount` is that of a helper, at `/volumes/<key>`."""
        directory = self.directories.find(mount) if works_here() else None
        if directory:
            return DirectoryTransport(directory, self.running.undo, self.note)
        if self.other is None:
            self.other = self.through_helper() or EngineTransport(self.docker)
        return self.other

    def through_helper(self) -> HelperTransport | None:
        """The way through a started helper, where there is an image for it and it works."""
        image, data = helper_image(self.docker), OwnData.of(self.docker).data
        if image is None or data is None or not owners_are_plain(self.docker):
            return None
        way = HelperTransport(self.docker, self.running.undo, image, data, self.note)
        return way if way.works(self.running.label) else None

"""How the content of a volume travels: out as a tar stream, and in from one.

Every way has the same two verbs. The Engine's archive calls work on every host, remote ones too.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from engine import Docker
from engine.helpers import helper
from engine.streams import Block, read_archive, write_archive
from jobs.running import RunningJob

Blocks = Iterable[Block]


class Transport(Protocol):
    """A way to move the content of a volume.

    A stream holds names below `volumes/<key>/` and ends with the tar's end marker; the mount is
    that of a helper which sees the volume at `/volumes/<key>`.
    """

    name: str

    def reading(self, mount: dict[str, Any], job: str) -> AbstractContextManager[Blocks]:
        """A context that gives the tar stream of a volume; `job` labels what is made for it."""

    def fill(self, mount: dict[str, Any], blocks: Blocks, job: str) -> None:
        """Unpack a tar stream into a volume, owners and modes of its root included."""


def key_of(mount: dict[str, Any]) -> str:
    """The key under which a helper has a volume."""
    return str(mount["Target"]).rpartition("/")[2]


def counted(blocks: Blocks, running: RunningJob) -> Iterator[Block]:
    """The blocks as they are, reported to the job as they pass."""
    for block in blocks:
        running.advance(len(block))
        yield block


class EngineTransport:
    """Through a helper container that is created and never started.

    It loses user xattrs, ACLs, nanoseconds and holes; the manifest says that it was used.
    """

    name = "engine"

    def __init__(self, docker: Docker) -> None:
        self.docker = docker

    @contextmanager
    def reading(self, mount: dict[str, Any], job: str) -> Iterator[Blocks]:
        with (
            helper(self.docker, [mount], job) as container,
            read_archive(self.docker, container, "/volumes") as blocks,
        ):
            yield blocks

    def fill(self, mount: dict[str, Any], blocks: Blocks, job: str) -> None:
        # From `/`, with names below the mount: a PUT at the mount itself refuses links that
        # point up, and loses the owner and mode of the volume's root.
        with helper(self.docker, [mount], job) as container:
            write_archive(self.docker, container, "/", blocks)

"""Looking into a volume by the programs of a helper container."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass

from isal import isal_zlib

from containermonkey.downloads import Content
from engine import engine
from engine.client import STREAM_TIMEOUT
from engine.names import shortened
from volumes.files.inside import Inside, Status, inside
from volumes.files.packing import GZIP, LEVEL, CutShort
from volumes.files.paths import spelled
from volumes.files.problems import not_a_file, not_a_folder
from volumes.files.types import MOST_SHOWN, PAGE_SIZE, Beginning, Folder, saved_as
from volumes.types import VolumeDetails

HARMLESS = (
    "No such file or directory",
    "socket ignored",
    "file changed as we read it",
    "File removed before we read it",
    "Exiting with failure status due to previous errors",
    "error exit delayed from previous errors",
)
"""What a tar says of which nothing is lost that could be kept: the rest is whole."""


@dataclass(frozen=True)
class InHelper:
    """The files of a volume in helpers from an image (`volumes.files.places.Place`)."""

    volume: VolumeDetails
    image: str

    def explore(self, path: str, page: int) -> Folder:
        with inside(self.volume, self.image) as volume:
            folder = volume.resolved(path)
            names = volume.names_in(folder)
            shown = names[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
            paths = {f"{folder}/{name}".lstrip("/"): name for name in shown}
            found = volume.statuses(list(paths)) if paths else {}
        entries = [found[each].as_entry(name) for each, name in paths.items() if each in found]
        return Folder("/" + spelled(path), entries, len(names))

    def beginning_of(self, path: str) -> Beginning:
        with inside(self.volume, self.image) as volume:
            real, status = file_at(volume, path)
            content = volume.done(path, "head", "-c", str(MOST_SHOWN), volume.at(real))
        return Beginning.of("/" + spelled(path), max(status.size, len(content)), content)

    def content_of(self, path: str) -> Content:
        with inside(self.volume, self.image) as volume:
            real = volume.resolved(path)
            status = volume.status(real)
        leaf = path.rpartition("/")[2] or self.volume.name
        if status.is_folder:
            return Content(f"{saved_as(leaf)}.tar.gz", None, lambda: self.packed(path))
        refuse_no_file(status, path)
        return Content(saved_as(leaf), status.size, lambda: self.pieces(path, status.size))

    def pieces(self, path: str, size: int) -> Iterator[bytes]:
        """The first `size` bytes of a file. Raise CutShort if it has become shorter."""
        with inside(self.volume, self.image) as volume:
            real, _ = file_at(volume, path)
            command = ("head", "-c", str(size), volume.at(real))
            with engine(), volume.running(*command, timeout=STREAM_TIMEOUT) as head:
                for piece in head.pieces():
                    size -= len(piece)
                    yield piece
                if size or head.end().status:
                    raise CutShort("A file became shorter while it was downloaded.")

    def packed(self, path: str) -> Iterator[bytes]:
        """A folder as a gzipped tar. Raise CutShort if something of it could not be read whole."""
        gzip = isal_zlib.compressobj(LEVEL, wbits=GZIP)
        with inside(self.volume, self.image) as volume:
            real = volume.resolved(path)
            if not volume.status(real).is_folder:
                raise not_a_folder(path)
            above, _, name = volume.at(real).rpartition(b"/")
            command = ("tar", "-c", "-f", "-", "-C", above, "--", name)
            with engine(), volume.running(*command, timeout=STREAM_TIMEOUT) as tar:
                for piece in tar.pieces():
                    if compressed := gzip.compress(piece):
                        yield compressed
                ended = tar.end()
        lines = ended.words.splitlines() if ended.status else []
        if any(not line.rstrip().endswith(HARMLESS) for line in lines):
            raise CutShort(f"The folder could not be read whole: {shortened(ended.words, 200)}.")
        yield gzip.flush()


def file_at(volume: Inside, path: str) -> tuple[str, Status]:
    """The path of a file behind links, and what is told of it. Raise Invalid if it is none."""
    real = volume.resolved(path)
    status = volume.status(real)
    refuse_no_file(status, path)
    return real, status


def refuse_no_file(status: Status, path: str) -> None:
    if not stat.S_ISREG(status.mode):
        raise not_a_file(path)

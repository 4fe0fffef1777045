"""Whether two tars hold the same tree, whatever way each of them came about."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .names import TreeNames
from .tarheads import FILES, HARD_LINK, SYMLINK, Buffer, Entry
from .tarwalk import TarWalker

PERMISSIONS = 0o7777
SPACE = 1 << 256


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two tars of one tree have in common: the same for any order of their entries.

    Names, kinds, modes, owners and targets of symlinks are in it, and how many bytes the files
    have. Times are not, because transports round them, nor which of several names of a file
    comes first.
    """

    entries: int
    content_bytes: int
    digest: int


class Watcher:
    """Walks the tar of a volume's tree while it passes."""

    def __init__(self, key: str) -> None:
        self.names, self.walker = TreeNames(f"volumes/{key}"), TarWalker()
        self.entries = self.content = self.digest = 0

    def watched(self, stream: Iterable[Buffer]) -> Iterator[Buffer]:
        """The blocks as they are. Raise DamagedStream if they are cut or no tar."""
        for block in stream:
            self.feed(block)
            yield block
        self.walker.close()

    def feed(self, block: Buffer) -> None:
        for entry in self.walker.feed(block):
            if self.names.is_outer(entry):
                continue
            self.names.check(entry)
            self.entries += 1
            self.content += entry.size if entry.kind in FILES else 0
            self.digest = (self.digest + digest_of(entry)) % SPACE

    @property
    def seen(self) -> Likeness:
        """What has passed so far."""
        return Likeness(self.entries, self.content, self.digest)


def likeness(key: str, stream: Iterable[Buffer]) -> Likeness:
    """Walk the tar of a volume's tree. Raise DamagedStream if it is cut or no tar."""
    watcher = Watcher(key)
    for _ in watcher.watched(stream):
        pass
    return watcher.seen


def digest_of(entry: Entry) -> int:
    """One entry as a number; the sum of them depends on no order."""
    kind = b"file" if entry.kind in (*FILES, HARD_LINK) else entry.kind
    target = entry.link if entry.kind == SYMLINK else b""
    facts = (kind, entry.mode & PERMISSIONS, entry.uid, entry.gid, entry.device, entry.name, target)
    return int.from_bytes(hashlib.sha256(repr(facts).encode()).digest(), "big")

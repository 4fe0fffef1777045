"""Which names may be in an archive: those of its parts, and those of the entries within a part."""

import re
from collections.abc import Callable

from .errors import DamagedStream, readable
from .tarheads import DIRECTORY, FILE, FILES, HARD_LINK, SYMLINK, Entry

MANIFEST = "backup/manifest.json"
INDEX = "backup/index.json"
LISTINGS = "backup/files/"

PART_NAME = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,199}){0,4}"
)
KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
NOT_A_NAME = (b"", b".", b"..")
NOT_PLAIN = re.compile(rb"(?:^|/)\.{0,2}(?:/|$)")

Check = Callable[[Entry], None]


def is_part_name(name: object) -> bool:
    """Whether a part of an archive may have this name."""
    return isinstance(name, str) and PART_NAME.fullmatch(name) is not None


def is_key(key: object) -> bool:
    """Whether a volume's tree may be filed under this key."""
    return isinstance(key, str) and KEY.fullmatch(key) is not None


def listing_name(key: str) -> str:
    """The part that lists the files of the tree filed under `key`."""
    return f"{LISTINGS}{key}.tsv"


class TreeNames:
    """Lets pass the entries of one volume's tree, in the order that a walk of it gives them.

    The root comes first, and every other entry lies in a directory that has come before it and is
    not yet left. So no name can climb out, and none can pass through a link.
    """

    def __init__(self, prefix: str) -> None:
        self.root = prefix.encode()
        self._below = self.root + b"/"
        self._open: list[bytes] = []
        self._begun = False

    def is_outer(self, entry: Entry) -> bool:
        """Whether the entry is a directory that holds the tree, and comes before it."""
        holds = self.root.startswith(entry.name + b"/") and entry.name != b""
        return holds and entry.kind == DIRECTORY and not self._begun

    def check(self, entry: Entry) -> None:
        """Raise DamagedStream where this entry has no place in the tree."""
        parent, _, leaf = entry.name.rpartition(b"/")
        if not self._begun:
            self._begun = True
            if entry.name != self.root:
                raise DamagedStream(_outside(entry, self.root))
        else:
            while self._open and self._open[-1] != parent:
                self._open.pop()
            if not self._open or leaf in NOT_A_NAME:
                raise DamagedStream(_outside(entry, self.root))
        if entry.kind == DIRECTORY:
            self._open.append(entry.name)
        elif entry.kind == HARD_LINK:
            check_hard_link(entry, self._below)


class PrefixNames:
    """Lets pass files, directories and links below a prefix, in any order: an image's tar."""

    def __init__(self, prefix: str) -> None:
        self._below = prefix.encode() + b"/"

    def check(self, entry: Entry) -> None:
        """Raise DamagedStream where this entry is not below the prefix, or of another kind."""
        if not entry.name.startswith(self._below) or NOT_PLAIN.search(entry.name):
            raise DamagedStream(_outside(entry, self._below[:-1]))
        if entry.kind not in (FILE, DIRECTORY, SYMLINK, HARD_LINK) or entry.sparse:
            raise DamagedStream(f"The entry {readable(entry.name)} is of a kind that no image has.")
        if entry.kind == HARD_LINK:
            check_hard_link(entry, self._below)


class SingleFile:
    """Lets pass exactly one regular file of the given name."""

    def __init__(self, name: str) -> None:
        self._name: bytes | None = name.encode()

    def check(self, entry: Entry) -> None:
        """Raise DamagedStream where this is not the file, or is a second one."""
        if entry.name != self._name or entry.kind not in FILES or entry.sparse:
            raise DamagedStream(f"The entry {readable(entry.name)} must not be here.")
        self._name = None


def check_hard_link(entry: Entry, below: bytes) -> None:
    """Raise DamagedStream where a hard link's target is not below the same root."""
    if not entry.link.startswith(below) or NOT_PLAIN.search(entry.link):
        raise DamagedStream(
            f"The hard link {readable(entry.name)} points to {readable(entry.link)}, which is "
            "outside of its tree."
        )


def _outside(entry: Entry, root: bytes) -> str:
    return f"The entry {readable(entry.name)} has no place below {readable(root)} where it stands."

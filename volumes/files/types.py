"""What is told of the files of a volume."""

import base64
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Self

PAGE_SIZE = 100

MOST_SHOWN = 1 << 20
"""Bytes of a file that are shown."""

Kind = Literal["file", "directory", "symlink", "other"]

KINDS: dict[int, Kind] = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symlink",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What lies in a folder; `name` and `target` spelled as `volumes.files.paths` does."""

    name: str
    type: Kind
    size: int
    mode: int
    uid: int
    gid: int
    modified: datetime
    target: str | None


@dataclass(frozen=True, slots=True)
class Folder:
    """One page of a folder, and how many entries it has in all.

    `complete` is false where only the Engine's archive calls reach it and the folder holds too
    much, with all below it, to be read to its end: then there may be more entries. Where only
    those reach it, nothing can be changed (`can_change`).
    """

    path: str
    entries: list[Entry]
    total: int
    complete: bool = True
    can_change: bool = True


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first MiB of a file; `truncated` if there is more. `size` in bytes, of all of it."""

    path: str
    size: int
    encoding: Literal["utf-8", "base64"]
    content: str
    truncated: bool

    @classmethod
    def of(cls, path: str, size: int, content: bytes) -> Self:
        """What is told of a file of `size` bytes that begins with `content`."""
        truncated = size > len(content)
        text = text_of(content, truncated)
        return cls(
            path=path,
            size=size,
            encoding="base64" if text is None else "utf-8",
            content=base64.b64encode(content).decode() if text is None else text,
            truncated=truncated,
        )


def text_of(content: bytes, truncated: bool) -> str | None:
    """The text that bytes are; of a letter that is cut through at the end, nothing."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        is_cut = truncated and error.reason == "unexpected end of data"
        return content[: error.start].decode() if is_cut else None


def kind_of(mode: int) -> Kind:
    return KINDS.get(stat.S_IFMT(mode), "other")


def saved_as(name: str) -> str:
    """A name as the system tells it, as text that a browser can call a file."""
    return os.fsencode(name).decode("utf-8", "replace")


def moment_of(seconds: int) -> datetime:
    """The moment so long after 1970; the nearest that can be written, for one beyond those."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        edge = datetime.max if seconds > 0 else datetime.min
        return edge.replace(microsecond=0, tzinfo=UTC)

"""What is told of the files of a volume."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["file", "directory", "symlink", "other"]


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
    """One page of a folder, and how many entries it has in all."""

    path: str
    entries: list[Entry]
    total: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first MiB of a file; `truncated` if there is more. `size` in bytes, of all of it."""

    path: str
    size: int
    encoding: Literal["utf-8", "base64"]
    content: str
    truncated: bool

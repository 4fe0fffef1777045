"""What the services of this app answer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class SavedVolume:
    """A mount whose data is in a backup. `size` in bytes of file content, `files` a count."""

    key: str
    name: str
    destination: str
    type: str
    size: int
    files: int


@dataclass(frozen=True)
class SavedPort:
    """Where a port was published; a range stays a text, and None is a port that Docker chose."""

    host_ip: str | None
    host_port: int | str | None


@dataclass(frozen=True)
class Metadata:
    """`environment` is `[{"key", "value"}]`, without values for those who may not read secrets."""

    volumes: list[SavedVolume]
    port_mappings: dict[str, list[SavedPort]]
    environment: list[dict[str, str | None]]
    networks: list[str]
    image_included: bool
    skipped: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class BackupInfo:
    """A backup as lists show it.

    `origin` is made, uploaded or found; `file` is present, missing, or changed where its size is
    another one than when it was listed.
    `verified_at`: when its archive was last found sound; `problem`: why it is not any more.
    `proved_at` and `proof`: when it was last tried out with success, and what came of that;
    `rehearsal_problem`: why the newest rehearsal failed.
    `schedule` is the name of the one that made it. `alarm` says in a sentence that it is much
    smaller than those before it, until somebody has seen that.
    """

    filename: str
    size: int
    created: datetime
    kind: str
    container_name: str
    image: str
    sha256: str
    verified: bool
    origin: str
    file: str
    verified_at: datetime | None
    problem: str
    proved_at: datetime | None
    proof: str
    rehearsal_problem: str
    metadata: Metadata
    schedule: str | None = None
    alarm: str | None = None
    stack: str = ""
    set_id: UUID | None = None


@dataclass(frozen=True)
class Conflict:
    """Something in the way of a restore. `answer` says which option would settle it."""

    kind: str
    name: str
    message: str
    answer: str = ""


@dataclass(frozen=True)
class Plan:
    """What a restore would do, in plain words and in order, and what is in its way."""

    container_name: str
    steps: list[str]
    conflicts: list[Conflict]


@dataclass(frozen=True)
class ArchivedFile:
    """A file inside a backup: `path` begins with its volume's key; `size` in bytes."""

    path: str
    type: str
    size: int
    mode: int
    uid: int
    gid: int
    modified: datetime | None
    target: str


@dataclass(frozen=True)
class Preview:
    """What is in an archive, read from its first and last bytes alone."""

    backup: BackupInfo
    manifest: dict[str, Any]
    inspect: dict[str, Any]
    networks: list[dict[str, Any]]
    compose: str
    files: list[ArchivedFile]
    files_total: int
    conflicts: list[Conflict]
    warnings: list[str]

"""What the JSON API takes and gives for backups."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict

from backups.options import BackupOptions, Consistency, OnConflict, RestoreOptions
from backups.types import ArchivedFile, BackupInfo, Conflict, Metadata
from containers.types import ContainerDetails

Words = Annotated[str, Field(max_length=300)]
# SQL counts rows in 64 bits.
Page = Annotated[int, Field(ge=1, le=1_000_000)]
PageSize = Annotated[int, Field(ge=1, le=500)]


class Strict(Schema):
    """A body in which a misspelt member is an error: it must not be ignored in silence."""

    model_config = ConfigDict(extra="forbid")


class BackupRequest(Strict):
    consistency: Consistency = "none"
    include_image: bool = False
    include_bind_mounts: bool = False

    def as_options(self) -> BackupOptions:
        return BackupOptions(**self.dict())


class RestoreRequest(Strict):
    filename: Words
    new_name: str | None = None
    port_overrides: dict[str, Annotated[int, Field(strict=True)]] = {}
    overwrite_volumes: bool | None = None
    on_conflict: OnConflict = "fail"
    start: bool | None = None
    dry_run: bool = False

    def as_options(self) -> RestoreOptions:
        chosen = self.dict(exclude={"filename", "dry_run"})
        return RestoreOptions(**chosen | {"new_name": self.new_name or ""})


class PutBackRequest(Strict):
    path: Annotated[str, Field(max_length=4096)]
    beside: bool = False
    dry_run: bool = False


class PutBackPlanOut(Schema):
    container_name: str
    title: str
    path: str
    size: int
    is_folder: bool
    beside: bool
    replaces: bool
    running: list[str]


class RehearsalRequest(Strict):
    dry_run: bool = False


class BackupFilter(Schema):
    search: Words = ""
    container: Words = ""
    kind: Literal["", "container", "network"] = ""
    page: Page = 1
    page_size: PageSize = 50


class ContentFilter(Schema):
    path: Annotated[str, Field(max_length=4096)]


class NetworkBackupFilter(Schema):
    search: Words = ""
    page: Page = 1
    page_size: PageSize = 50


class PreviewFilter(Schema):
    path: Annotated[str, Field(max_length=4096)] = "/"
    page: Page = 1
    page_size: PageSize = 200


class StartedOut(Schema):
    success: bool = True
    progress_id: UUID
    status: str


class DeletedOut(Schema):
    success: bool = True


class BackupList(Schema):
    backups: list[BackupInfo]
    total: int


class PreviewOut(Schema):
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
    schedule: str | None
    alarm: str | None
    metadata: Metadata
    stack: str
    set_id: UUID | None
    container: ContainerDetails | None
    files: list[ArchivedFile]
    files_total: int
    conflicts: list[Conflict]
    warnings: list[str] = []


class PlanOut(Schema):
    plan: list[str]
    conflicts: list[Conflict]

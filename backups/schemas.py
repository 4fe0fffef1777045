"""What the JSON API takes and gives for backups."""

from dataclasses import dataclass, field
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema

from backups.options import BackupOptions, Consistency, OnConflict, RestoreOptions
from backups.types import ArchivedFile, BackupInfo, Conflict
from containermonkey.schemas import Strict
from containers.types import ContainerDetails

Words = Annotated[str, Field(max_length=300)]
# SQL counts rows in 64 bits.
Page = Annotated[int, Field(ge=1, le=1_000_000)]
PageSize = Annotated[int, Field(ge=1, le=500)]


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


class RehearsalRequest(Strict):
    dry_run: bool = False


class BackupFilter(Schema):
    search: Words = ""
    container: Words = ""
    kind: Literal["", "container", "network", "volume"] = ""
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


@dataclass(frozen=True, kw_only=True)
class PreviewOut(BackupInfo):
    """A backup as lists show it, and what is in it; without a container where it is of none."""

    container: ContainerDetails | None
    files: list[ArchivedFile]
    files_total: int
    conflicts: list[Conflict]
    warnings: list[str] = field(default_factory=list)


class PlanOut(Schema):
    plan: list[str]
    conflicts: list[Conflict]

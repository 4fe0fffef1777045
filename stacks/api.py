"""Stacks as JSON."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Schema, Status

from backups.api import started
from backups.schemas import BackupRequest, StartedOut
from backups.sets.queries import BackupSet, sets_of
from backups.sets.services import request_stack_backup
from containers.types import Container
from stacks import services
from stacks.types import Service, Stack

router = Router(tags=["Stacks"])


class StackList(Schema):
    stacks: list[Stack]


class BackupSetOut(Schema):
    """The archives that were made of a stack at one moment; `size` in bytes."""

    set_id: UUID
    created: datetime
    size: int
    verified: bool
    filenames: list[str]
    missing: list[str]

    @staticmethod
    def resolve_filenames(found: BackupSet) -> list[str]:
        return [backup.filename for backup in found.backups]


class StackOut(Schema):
    name: str
    kind: str
    services: list[Service]
    status: str
    containers: list[Container]
    backup_sets: list[BackupSetOut]


@router.get("/stacks", response=StackList)
def list_stacks(request: HttpRequest) -> dict[str, Any]:
    """Compose projects and swarm stacks, as their containers' labels tell."""
    return {"stacks": services.list_stacks()}


@router.get("/stack/{name}", response=StackOut)
def stack(request: HttpRequest, name: str) -> dict[str, Any]:
    """A stack, and the newest backups of it as a whole; also one that only backups tell of."""
    return {**vars(services.find_stack(name)), "backup_sets": sets_of(name)}


@router.post("/stack/{name}/backup", response={202: StartedOut})
def back_up(request: HttpRequest, name: str, options: BackupRequest | None = Body(None)) -> Status:
    """Back all containers of a stack up at one moment, each into an archive of its own."""
    chosen = options or BackupRequest()
    return started(request_stack_backup(name, chosen.as_options(), request.user))

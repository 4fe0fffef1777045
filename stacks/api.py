"""Stacks as JSON."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Field, Query, Router, Schema, Status

from accounts.rights import needs
from backups.api import started
from backups.schemas import BackupRequest, StartedOut
from backups.sets.queries import BackupSet, sets_of
from backups.sets.services import request_stack_backup
from containermonkey.schemas import Strict
from containers.services import LONGEST_TIMEOUT
from containers.types import Container
from stacks import acts, deleting, services
from stacks.acts import Result
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


class StopOptions(Strict):
    timeout: Annotated[int | None, Field(ge=0, le=LONGEST_TIMEOUT)] = None


class DeleteOptions(Strict):
    volumes: bool = False


class ActedOut(Schema):
    """`success` says whether all went well; each part has its own result."""

    success: bool
    results: list[Result]


@router.post("/stack/{name}/start", response=ActedOut)
@needs("stack.start")
def start(request: HttpRequest, name: str) -> dict[str, Any]:
    """Start every container of a stack, each after those it needs."""
    return outcome(acts.start_stack(name))


@router.post("/stack/{name}/stop", response=ActedOut)
@needs("stack.stop")
def stop(
    request: HttpRequest, name: str, options: StopOptions | None = Body(None)
) -> dict[str, Any]:
    """Stop every container of a stack, each before those it needs.

    `timeout` are the seconds that each has to end by itself; a swarm's services have their own.
    """
    return outcome(acts.stop_stack(name, (options or StopOptions()).timeout))


@router.post("/stack/{name}/restart", response=ActedOut)
@needs("stack.restart")
def restart(
    request: HttpRequest, name: str, options: StopOptions | None = Body(None)
) -> dict[str, Any]:
    """Stop a stack and start it; what could not be stopped is not started anew."""
    return outcome(acts.restart_stack(name, (options or StopOptions()).timeout))


@router.delete("/stack/{name}/delete", response=ActedOut)
@needs("stack.delete")
def delete(request: HttpRequest, name: str, options: Query[DeleteOptions]) -> dict[str, Any]:
    """Delete the containers or services of a stack and its networks; with `volumes`, these too."""
    return outcome(deleting.delete_stack(name, volumes=options.volumes))


def outcome(results: list[Result]) -> dict[str, Any]:
    return {"success": all(result.success for result in results), "results": results}


@router.post("/stack/{name}/backup", response={202: StartedOut})
@needs("stack_backup.request")
def back_up(request: HttpRequest, name: str, options: BackupRequest | None = Body(None)) -> Status:
    """Back all containers of a stack up at one moment, each into an archive of its own."""
    chosen = options or BackupRequest()
    return started(request_stack_backup(name, chosen.as_options(), request.user))

"""Volumes by themselves, as JSON: cloned and backed up."""

from django.http import HttpRequest
from ninja import Body, Router, Status

from accounts.rights import needs
from backups import schemas
from backups.api import started
from backups.options import BackupOptions, Consistency
from backups.volumes.capture import request_volume_backup
from backups.volumes.cloning import CloneOptions, plan_clone, request_clone

router = Router(tags=["Volumes"])


class VolumeBackupRequest(schemas.Strict):
    consistency: Consistency = "none"


class CloneRequest(schemas.Strict):
    new_name: str
    consistency: Consistency = "none"
    keep_options: bool = False
    dry_run: bool = False

    def as_options(self) -> CloneOptions:
        return CloneOptions(self.new_name, self.consistency, self.keep_options)


class ClonePlanOut(schemas.Strict):
    plan: list[str]


@router.post("/volume/{name}/backup", response={202: schemas.StartedOut})
@needs("backup.request")
def back_up(
    request: HttpRequest, name: str, asked: VolumeBackupRequest | None = Body(None)
) -> Status:
    """Back a volume up by itself, into an archive of the kind `volume`.

    `consistency` says what happens meanwhile to the running containers that mount it.
    """
    chosen = asked or VolumeBackupRequest()
    options = BackupOptions(consistency=chosen.consistency)
    return started(request_volume_backup(name, options, request.user))


@router.post("/volume/{name}/clone", response={200: ClonePlanOut, 202: schemas.StartedOut})
@needs("volume_clone.request")
def clone(request: HttpRequest, name: str, asked: CloneRequest) -> Status:
    """Copy a volume into a new one, or with `dry_run` say what would be done.

    `consistency` says what happens meanwhile to the running containers that mount it.
    `keep_options` takes the driver's options over, where that makes a place of its own.
    """
    options = asked.as_options()
    if asked.dry_run:
        return Status(200, {"plan": plan_clone(name, options).steps})
    return started(request_clone(name, options, request.user))

"""Backups as JSON."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from ninja import Body, Query, Router, Status

from accounts.audit import record
from accounts.rights import needs
from backups import schemas, services
from backups.contents import content_of
from backups.download import archive_response
from backups.models import Kind
from backups.networks.preview import network_preview
from backups.preview import container_preview
from backups.put_back import PutBackPlan, plan_put_back, request_put_back
from backups.records import info_of
from backups.rehearsal import plan_rehearsal, request_rehearsal
from backups.restoring import plan_restore, request_restore
from backups.retention.alarm import take_note
from backups.saved import saved_container
from backups.types import BackupInfo
from backups.uploads import receive_only
from backups.verification import request_verify
from backups.volumes.preview import volume_preview
from containermonkey.downloads import content_response
from containermonkey.uploads import announced, incoming_files
from jobs.api import router as jobs_router
from jobs.models import Job

router = Router(tags=["Backups"])


def started(job: Job) -> Status:
    return Status(202, {"progress_id": job.progress_id, "status": job.status})


@router.post("/backup/{name}", response={202: schemas.StartedOut})
@needs("backup.request")
def back_up(
    request: HttpRequest,
    name: str,
    queue: bool = True,
    options: schemas.BackupRequest | None = Body(None),
) -> Status:
    """Back a container up; `name` is its name or id.

    Every backup goes through the one queue, whatever `queue` says.
    """
    chosen = options or schemas.BackupRequest()
    return started(services.request_backup(name, chosen.as_options(), request.user))


# `GET /backup/status` tells of the queue. A container may have that very name, and an address
# belongs to one router, so the POST has to stand beside that GET.
@jobs_router.post("/backup/status", response={202: schemas.StartedOut}, include_in_schema=False)
@needs("backup.request")
def back_up_one_named_status(
    request: HttpRequest, queue: bool = True, options: schemas.BackupRequest | None = Body(None)
) -> Status:
    return back_up(request, "status", queue, options)


@router.get("/backups", response=schemas.BackupList)
def list_backups(request: HttpRequest, asked: Query[schemas.BackupFilter]) -> dict[str, Any]:
    """The backups, the newest first; `search` looks in the names of file, container and image."""
    backups, total = services.list_backups(**asked.dict())
    return {"backups": backups, "total": total}


@router.get("/backup/{filename}/preview", response=schemas.PreviewOut)
def preview(
    request: HttpRequest, filename: str, asked: Query[schemas.PreviewFilter]
) -> dict[str, Any]:
    """What a backup holds, and what would be in the way of restoring it as it was.

    `path` is a folder in it, whose files are listed; `/` lists the volumes. For those who may not
    read secrets each `value` of the environment is null, and what looks like a secret is dots.
    """
    kind = services.find_backup(filename).kind
    if kind == Kind.NETWORK:
        return network_preview(filename)
    if kind == Kind.VOLUME:
        return volume_preview(filename, **asked.dict())
    found = container_preview(filename, **asked.dict())
    return {
        **vars(found.backup),
        "container": saved_container(found.inspect),
        "files": found.files,
        "files_total": found.files_total,
        "conflicts": found.conflicts,
        "warnings": found.warnings,
    }


@router.get("/backup/{filename}/download", url_name="download_content")
@needs("backup.download")
def download_content(
    request: HttpRequest, filename: str, asked: Query[schemas.ContentFilter]
) -> HttpResponseBase:
    """A file of a backup as itself, a folder as `.tar.gz`, streamed; nothing else is unpacked.

    `path` is as `preview` lists it.
    """
    content = content_of(filename, asked.path)
    record("backup.download", filename, path=asked.path)
    return content_response(content)


@router.post("/backup/{filename}/verify", response={202: schemas.StartedOut})
@needs("verify.request")
def verify(request: HttpRequest, filename: str) -> Status:
    """Read the whole archive again, against its own sums and against what was written."""
    return started(request_verify(filename, request.user))


@router.post("/backup/{filename}/seen-smaller", response=BackupInfo)
@needs("backup.alarm_seen")
def seen_smaller(request: HttpRequest, filename: str) -> BackupInfo:
    """Say that a backup is meant to be as small as it is: its alarm ends, and retention goes on."""
    take_note(services.find_backup(filename))
    return info_of(services.find_backup(filename))


@router.post(
    "/backup/{filename}/rehearse", response={200: schemas.PlanOut, 202: schemas.StartedOut}
)
@needs("rehearsal.request")
def rehearse(
    request: HttpRequest, filename: str, asked: schemas.RehearsalRequest | None = Body(None)
) -> Status:
    """Try a backup out: its container is brought up from it, with nothing of the host and without
    a way out, and removed again. With `dry_run`, say what would be done.
    """
    if asked and asked.dry_run:
        plan = plan_rehearsal(filename)
        return Status(200, {"plan": plan.steps, "conflicts": plan.conflicts})
    return started(request_rehearsal(filename, request.user))


@router.post("/restore-backup", response={200: schemas.PlanOut, 202: schemas.StartedOut})
@needs("restore.request")
def restore(request: HttpRequest, asked: schemas.RestoreRequest) -> Status:
    """Bring a container or a volume back, or with `dry_run` say what would be done.

    Of a volume by itself, `on_conflict` says what happens where one has its name: `replace` puts
    its content in the place of what is there.
    A conflict that the options do not answer is a 409, and nothing is changed.
    """
    options = asked.as_options()
    if asked.dry_run:
        plan = plan_restore(asked.filename, options)
        return Status(200, {"plan": plan.steps, "conflicts": plan.conflicts})
    return started(request_restore(asked.filename, options, request.user))


@router.post("/backup/{filename}/put-back", response={200: PutBackPlan, 202: schemas.StartedOut})
@needs("put_back.request")
def put_back(request: HttpRequest, filename: str, asked: schemas.PutBackRequest) -> Any:
    """Put one file or folder of a backup back into its volume; `dry_run` says what that does.

    With `beside` it gets a name of its own, and nothing is replaced.
    """
    if asked.dry_run:
        return Status(200, plan_put_back(filename, asked.path, beside=asked.beside))
    job = request_put_back(filename, asked.path, beside=asked.beside, user=request.user)
    return started(job)


FORM = {
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
    "type": "object",
}


@router.post(
    "/upload-backup",
    url_name="upload",
    response={200: BackupInfo, 201: BackupInfo},
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"schema": FORM}}}},
)
@needs("backup.upload")
def upload(request: HttpRequest) -> Status:
    """Take in an archive, in the field `file`. It is listed once all of it has been checked.

    A name that is taken gets a number. An archive that is here already is not taken twice: the
    answer is 200 and the backup as it is listed, instead of 201.
    """
    received = receive_only(incoming_files(request), announced(request))
    return Status(201 if received.is_new else 200, info_of(received.backup))


# An address has one set of methods, and so one name for what stands in it.
@router.delete("/backup/{name}", response=schemas.DeletedOut)
@needs("backup.delete")
def delete(request: HttpRequest, name: str) -> dict[str, Any]:
    """Remove a backup and its archive for good; `name` is its file's."""
    services.delete_backup(name)
    return {}


@router.api_operation(["GET", "HEAD"], "/download/{filename}", url_name="download")
@needs("backup.download")
def download(request: HttpRequest, filename: str) -> HttpResponseBase:
    """The archive itself, streamed; `Range` is honoured."""
    response = archive_response(request, services.find_backup(filename))
    if request.method == "GET" and response.status_code != 304:
        record("backup.download", filename)
    return response

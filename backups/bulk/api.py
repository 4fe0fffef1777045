"""Many backups at once, as JSON: one download for all, checking, finding and deleting them."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from ninja import Field, Router, Schema, Status

from accounts.audit import record
from accounts.rights import needs
from backups.api import started
from backups.bulk import services
from backups.bulk.checking import Checks, verify_each
from backups.bulk.deleting import Deletion, delete_all
from backups.bulk.tar import tar_response
from backups.scanning import forget_missing, request_scan
from backups.schemas import StartedOut
from containermonkey.problems import Invalid
from containermonkey.schemas import Strict
from jobs.services import Progress

router = Router(tags=["Backups"])

Filename = Annotated[str, Field(max_length=255)]


class PrepareBody(Strict):
    filenames: Annotated[list[Filename], Field(max_length=services.MOST)] | None = None


class PreparedOut(Schema):
    download_id: UUID
    files: list[str]
    total_size: int


class VerifyBody(Strict):
    filenames: Annotated[list[Filename], Field(min_length=1, max_length=services.MOST)]


class ForgottenOut(Schema):
    forgotten: list[str]


class DeleteAllBody(Strict):
    confirm: bool = False


def owner_of(request: HttpRequest) -> int:
    """The id of who is signed in, which everybody is who gets here."""
    return int(request.user.pk or 0)


@router.post("/backups/download-all-prepare", response=PreparedOut)
@needs("backup.download")
def prepare(request: HttpRequest, body: PrepareBody | None = None) -> services.Prepared:
    """Choose backups to be downloaded as one `.tar`; all of them where none are named.

    What is prepared is there for an hour, for whoever prepared it.
    """
    return services.prepare(owner_of(request), body.filenames if body else None)


@router.post("/backups/download-all-create/{download_id}", response={202: Progress})
@needs("backup.download")
def create(request: HttpRequest, download_id: str) -> Status:
    """See that all of it is still there; the file is made while it is downloaded."""
    return Status(202, services.create(owner_of(request), download_id))


@router.get("/backups/download-all-progress/{download_id}", response=Progress)
@needs("backup.download")
def progress(request: HttpRequest, download_id: str) -> Progress:
    """A download in the form of a job's progress; it is complete once it can be fetched."""
    return services.progress_of(services.find_download(owner_of(request), download_id))


@router.get("/backups/download-all/{download_id}", url_name="download_all")
@needs("backup.download")
def download(request: HttpRequest, download_id: str) -> HttpResponseBase:
    """The chosen archives as one `.tar`, streamed.

    409 where one of them is not there any more.
    """
    found = services.find_download(owner_of(request), download_id)
    entries = services.entries_of(found)
    services.refuse_missing(entries)
    record("backup.download", "several backups", files=[entry.filename for entry in entries])
    return tar_response(found, entries)


@router.post("/backups/verify", response={202: Checks})
@needs("verify.request")
def verify(request: HttpRequest, body: VerifyBody) -> Status:
    """Read several archives again, each by a job of its own; one that is gone stops no other."""
    return Status(202, verify_each(body.filenames, request.user))


@router.post("/backups/scan", response={202: StartedOut})
@needs("scan.request")
def scan(request: HttpRequest) -> Status:
    """Look through the backup directory, and take in what lies there and is not listed."""
    return started(request_scan(request.user))


@router.post("/backups/forget-missing", response=ForgottenOut)
@needs("backup.forget")
def forget(request: HttpRequest) -> dict[str, list[str]]:
    """Take those off the list whose files are gone; no file is touched."""
    return {"forgotten": forget_missing()}


@router.delete("/backups/delete-all", response=Deletion)
@needs("backup.delete")
def delete_every(request: HttpRequest, body: DeleteAllBody) -> Deletion:
    """Delete all backups, but those that are being read; `confirm` has to be true."""
    if not body.confirm:
        raise Invalid(
            "Say confirm: true to delete all backups.", fields={"confirm": "must be true"}
        )
    return delete_all()

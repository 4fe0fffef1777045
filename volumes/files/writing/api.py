"""Changing the files of volumes, as JSON."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from accounts.rights import needs
from containermonkey.schemas import Strict
from containermonkey.uploads import announced, incoming_files
from volumes.files.types import Entry
from volumes.files.writing import deleting, making, moving, uploads

router = Router(tags=["Volumes"])

Path = Annotated[str, Field(min_length=1, max_length=1 << 14)]

FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
    },
}


class FolderBody(Strict):
    path: Path = "/"
    name: Annotated[str, Field(min_length=1, max_length=1 << 11)]


class RenameBody(Strict):
    path: Path
    to: Path
    overwrite: bool = False


class DeleteFilesBody(Strict):
    paths: Annotated[list[Path], Field(min_length=1, max_length=deleting.MOST)]


class Uploaded(Schema):
    entries: list[Entry]


class DeletedFiles(Schema):
    results: list[deleting.Result]


@router.post(
    "/volume/{name}/upload",
    url_name="upload_files",
    response={201: Uploaded},
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"schema": FORM}}}},
)
@needs("volume.upload")
def upload(
    request: HttpRequest, name: str, path: str = "/", overwrite: bool = False
) -> Status[dict[str, Any]]:
    """Put the files of the field `file` into a folder; they belong to its owner.

    A name that is taken is a 409, unless an administrator says `overwrite`: then that file is
    replaced, and its owner and mode are kept. Those before one that is refused stay, and
    `uploaded` names them.
    """
    with uploads.target_of(name, path, overwrite=overwrite) as target:
        entries = uploads.upload_all(target, incoming_files(request), announced(request))
    return Status(201, {"entries": entries})


@router.post("/volume/{name}/folder", response={201: Entry})
@needs("volume.make_folder")
def folder(request: HttpRequest, name: str, body: FolderBody) -> Status[Entry]:
    """Make a folder in the one at `path`. A name that is taken is a 409."""
    return Status(201, making.make_folder(name, body.path, body.name))


@router.post("/volume/{name}/rename", response=Entry)
@needs("volume.rename")
def rename(request: HttpRequest, name: str, body: RenameBody) -> Entry:
    """Rename a file or folder, or move it: `to` is its new path, in a folder that is there.

    With `overwrite` a file that is there already is replaced, which is for administrators;
    otherwise it is a 409.
    """
    return moving.move(name, body.path, body.to, overwrite=body.overwrite)


@router.post("/volume/{name}/delete-files", response=DeletedFiles)
@needs("volume.delete_file")
def delete_files(request: HttpRequest, name: str, body: DeleteFilesBody) -> DeletedFiles:
    """Delete files, and folders with all that is in them; one that fails stops no other.

    For administrators.
    """
    return DeletedFiles(results=deleting.delete_files(name, body.paths))

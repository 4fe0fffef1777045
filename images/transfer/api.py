"""Images as files, in and out."""

from django.http import HttpRequest, HttpResponseBase
from ninja import Query, Router, Schema, Status

from accounts.rights import needs
from containermonkey.downloads import content_response
from containermonkey.uploads import incoming_files, the_file
from images.transfer.exporting import export_images
from images.transfer.importing import LoadedImage, MovedTag, import_images

router = Router(tags=["Images"])

FORM = {
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
    "type": "object",
}


class ImportedOut(Schema):
    images: list[LoadedImage]
    moved: list[MovedTag]


@router.get("/images/export", url_name="export_images")
@needs("image.export")
def export(request: HttpRequest, ids: list[str] = Query(...)) -> HttpResponseBase:
    """One or several images as `docker save` has them, in one `.tar`, streamed.

    `ids` may be repeated, and each may be several names or ids, divided by commas.
    """
    return content_response(export_images(part for each in ids for part in each.split(",") if part))


@router.post(
    "/images/import",
    url_name="import_images",
    response={201: ImportedOut},
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"schema": FORM}}}},
)
@needs("image.import")
def import_(request: HttpRequest) -> Status:
    """Load what `docker save` has written, `.tar` or `.tar.gz`, in the field `file`.

    `moved` are the tags that meant another image before. Of a file that is not sound, nothing is
    kept.
    """
    file = the_file(incoming_files(request))
    return Status(201, import_images(file.name, file))

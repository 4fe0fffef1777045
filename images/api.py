"""Images as JSON."""

from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from accounts.rights import needs
from containermonkey.schemas import ForceBody, Strict
from images import cleanup, deleting, tagging
from images.cleanup import CleanUp
from images.deleting import MOST, Result
from images.listing import list_images
from images.newer import Check, check_newer
from images.queries import history_of, image_details
from images.references import LONGEST
from images.types import Image, ImageDetails, Layer

router = Router(tags=["Images"])

Reference = Annotated[str, Field(min_length=1, max_length=512)]


class ImageList(Schema):
    images: list[Image]


class History(Schema):
    history: list[Layer]


class Deleted(Schema):
    success: bool = True
    untagged: list[str]
    deleted: list[str]


class DeleteBody(Strict):
    ids: Annotated[list[Reference], Field(min_length=1, max_length=MOST)]
    force: bool = False


class TagBody(Strict):
    repository: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    tag: Annotated[str, Field(min_length=1, max_length=128)] = "latest"
    move: bool = False


class TagResult(Schema):
    success: bool = True
    changed: bool
    name: str


class Checks(Schema):
    checks: list[Check]


class Results(Schema):
    results: list[Result]


@router.get("/images", response=ImageList)
def images(
    request: HttpRequest, search: str = Query("", max_length=300), sizes: bool = False
) -> dict[str, Any]:
    """The images of the host; for `sizes` the Engine counts what they share, and may take long."""
    return {"images": list_images(search, sizes=sizes)}


@router.post("/images/delete", response=Results)
@needs("image.delete")
def delete_several(request: HttpRequest, body: DeleteBody) -> Results:
    """Delete several images; one that cannot be deleted stops no other."""
    return Results(results=deleting.delete_images(body.ids, force=body.force))


@router.post("/cleanup/dangling-images", response=CleanUp)
@needs("image.prune")
def clean_up_dangling_images(request: HttpRequest) -> CleanUp:
    """Delete the images that have neither tag nor digest, and that no container uses."""
    return cleanup.delete_dangling_images()


@router.get("/image/{image:reference}/history", response=History)
def history(request: HttpRequest, reference: str) -> dict[str, Any]:
    """How an image was made, the newest step first."""
    return {"history": history_of(image_details(reference))}


@router.get("/image/{image:reference}/newer", response=Checks)
def newer(request: HttpRequest, reference: str) -> dict[str, Any]:
    """Ask the registries what they have under an image's tags now, or under the one named.

    `state` is newer, up_to_date, built_here, not_found, denied or unreachable; `newer` is null
    where it is not known. Nothing is pulled.
    """
    return {"checks": check_newer(reference)}


@router.post("/image/{image:reference}/tag", response=TagResult)
@needs("image.tag")
def tag(request: HttpRequest, reference: str, body: TagBody) -> dict[str, Any]:
    """Give an image a further name. One that another image has needs `move`; that one loses it."""
    return asdict(tagging.tag_image(reference, body.repository, body.tag, move=body.move))


@router.delete("/image/{image:reference}/delete", response=Deleted)
@needs("image.delete")
def delete(
    request: HttpRequest, reference: str, force: bool = False, options: ForceBody | None = None
) -> dict[str, Any]:
    """Delete an image by its id; by a name only that name, and the image with the last one.

    One with several names needs `force` to be deleted by its id. One that a container uses, or
    that others are built on, is a 409 that names them, also with `force`.
    """
    return asdict(deleting.delete_image(reference, force=force or bool(options and options.force)))


@router.get("/image/{image:reference}", response=ImageDetails)
def image(request: HttpRequest, reference: str) -> ImageDetails:
    """An image with its configuration, by id, beginning of one, or name."""
    return image_details(reference)

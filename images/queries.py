"""What may be asked about one image."""

from typing import Any

from containermonkey.problems import NotAllowed, NotFound
from engine import Docker, engine
from engine.names import shortened
from images.mapping import details_of, layer_of
from images.services import tag_of
from images.types import Image, ImageDetails, Layer
from images.users import Users, users_by_image


def image_details(reference: str) -> ImageDetails:
    """An image by name, id or beginning of one, and who uses it; two calls of the Engine.

    Raise NotFound if there is none, NotAllowed if it is Container Monkey's own.
    """
    with engine() as docker:
        return details_on(docker, reference)


def details_on(docker: Docker, reference: str) -> ImageDetails:
    inspect, users = found_on(docker, reference)
    if users.hidden:
        raise NotAllowed("This is Container Monkey’s own image, which is not shown here.")
    return details_of(inspect, users)


def changeable_on(docker: Docker, reference: str) -> ImageDetails:
    """An image whose names may be changed, and which may be deleted.

    Raise NotFound, or NotAllowed for Container Monkey's own, also where that is shown.
    """
    inspect, users = found_on(docker, reference)
    if users.ourselves:
        raise NotAllowed("This is Container Monkey’s own image: nothing is done with it from here.")
    return details_of(inspect, users)


def found_on(docker: Docker, reference: str) -> tuple[dict[str, Any], Users]:
    """The inspect of an image and who uses it. Raise NotFound."""
    inspect = docker.find_image(reference)
    if inspect is None:
        raise NotFound(f"There is no image named {shortened(reference)}.")
    return inspect, users_by_image(docker.list_containers())[inspect["Id"]]


def history_of(image: Image) -> list[Layer]:
    """How an image was made, the newest step first; one call of the Engine.

    Raise NotFound if it has gone meanwhile.
    """
    with engine() as docker:
        return [layer_of(row) for row in docker.history(image.id)]


def name_meant(image: Image, reference: str) -> str | None:
    """The name of an image by which it was asked for; None where that was its id."""
    names = (tag_of(reference), reference)
    return next((name for name in names if name in [*image.tags, *image.digests]), None)

"""Clearing away images that nobody uses."""

from dataclasses import dataclass

from django.conf import settings

from accounts.audit import audited
from engine import engine
from engine.helpers import EMPTY_IMAGE
from images.listing import list_images
from images.services import tag_of
from images.types import Image


@dataclass(frozen=True, slots=True)
class CleanUp:
    """The ids of the images that are gone, and the bytes that the Engine says are free by that."""

    deleted: list[str]
    space_reclaimed: int


def dangling_images() -> list[Image]:
    """What a clean-up of dangling images would delete: without a name, and used by nobody."""
    return [image for image in list_images() if image.dangling and not image.containers]


def unused_images() -> list[Image]:
    """The images that no container uses, but for those that jobs make their helpers from."""
    helpers = {EMPTY_IMAGE, tag_of(settings.HELPER_IMAGE) if settings.HELPER_IMAGE else ""}
    return [
        image for image in list_images() if not image.containers and not helpers & {*image.tags}
    ]


def delete_dangling_images() -> CleanUp:
    """Delete every image that has no name and that no container uses."""
    with audited("image.prune", "dangling images") as details, engine() as docker:
        # The answer also names layers, and images that were steps on the way to another.
        images = {row["Id"] for row in docker.images(all=True)}
        answer = docker.prune_dangling_images()
        gone = [each["Deleted"] for each in answer["ImagesDeleted"] or [] if "Deleted" in each]
        done = CleanUp([each for each in gone if each in images], answer["SpaceReclaimed"])
        details |= {"deleted": len(done.deleted), "space_reclaimed": done.space_reclaimed}
    return done

"""Giving images names, and taking one of several away."""

from dataclasses import dataclass

from accounts.audit import audited, require
from containermonkey.problems import Conflict, Invalid, NotAllowed, NotFound
from engine import Docker, engine
from engine.names import shortened
from images.deleting import one_of_several
from images.mapping import details_of
from images.queries import changeable_on
from images.references import IMAGE_ID, TAG, fault, split
from images.types import Image, ImageDetails
from images.users import users_by_image


@dataclass(frozen=True, slots=True)
class Tagged:
    """The name that an image has now; not `changed` where it had it already."""

    name: str
    changed: bool


def tag_image(
    reference: str, repository: str, tag: str = "latest", *, move: bool = False
) -> Tagged:
    """Give an image a further name. With `move` also one that another image has, which loses it.

    Raise Invalid with the field at fault, NotFound, NotAllowed where either image is Container
    Monkey's own or the right to untag the other is missing, or Conflict where the name is another
    image's and is not to be moved.
    """
    name = name_of(repository, tag)
    with engine() as docker:
        image = changeable_on(docker, reference)
        holder = holder_of(docker, name)
        if holder and holder.id == image.id:
            return Tagged(name, changed=False)
        if holder and move:
            require("image.untag", holder.title)
        with audited("image.tag", image.title, id=image.short_id, name=name, move=move), engine():
            if holder and not move:
                raise Conflict(
                    f"{name} is the name of another image, {holder.short_id}, which would lose it.",
                    image=holder.id,
                )
            docker.tag(image.id, repository, tag)
    return Tagged(name, changed=True)


def name_of(repository: str, tag: str) -> str:
    """Both as one name. Raise Invalid where Docker would not take them."""
    fields = {}
    if reason := fault(repository, *split(repository)):
        fields["repository"] = f"{reason}."
    elif IMAGE_ID.fullmatch(repository):
        fields["repository"] = "This would be taken for an image’s id."
    if not TAG.fullmatch(tag):
        fields["tag"] = "Letters, digits, “_”, “.” and “-”, at most 128 of them."
    if fields:
        reasons = " ".join(f"{name.capitalize()}: {why}" for name, why in fields.items())
        raise Invalid(f"An image cannot have this name. {reasons}", fields=fields)
    return f"{repository}:{tag}"


def holder_of(docker: Docker, name: str) -> ImageDetails | None:
    """The image that has a name now. Raise NotAllowed where that is Container Monkey's own."""
    found = docker.find_image(name)
    if found is None:
        return None
    users = users_by_image(docker.list_containers())[found["Id"]]
    if users.ourselves:
        raise NotAllowed(f"{name} is the name of Container Monkey’s own image.")
    return details_of(found, users)


def untag_image(reference: str, name: str) -> Image:
    """Take one of several names from an image, which stays; the image as it was.

    Raise NotFound where it does not have the name, Conflict where it has no other: the Engine
    would delete it.
    """
    with engine() as docker:
        image = removable(docker, reference, name)
        with audited("image.untag", image.title, id=image.short_id, name=name), engine():
            docker.remove_image(name)
    return image


def untaggable(reference: str, name: str) -> Image:
    """The image whose name is asked to be taken. Raise as `untag_image` would."""
    with engine() as docker:
        return removable(docker, reference, name)


def removable(docker: Docker, reference: str, name: str) -> Image:
    """An image from which a name can be taken, as `untag_image` has it."""
    image = changeable_on(docker, reference)
    if name not in [*image.tags, *image.digests]:
        raise NotFound(f"The image {image.short_id} is not called {shortened(name)} any more.")
    if one_of_several(image, name) is None:
        raise Conflict(
            f"{name} is the only name of the image: without it, it would be deleted. "
            "Give it another name first, or delete it."
        )
    return image

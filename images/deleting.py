"""Deleting images: by id all of it with its names, by name that one."""

from dataclasses import dataclass, field

from accounts.audit import audited
from containermonkey.problems import Conflict, Problem
from containermonkey.several import MOST, each_once
from engine import Docker, engine
from images.mapping import repository_of, short
from images.queries import changeable_on, name_meant
from images.services import named
from images.types import Image, ImageDetails


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a deletion took: names, and the ids of images and layers."""

    untagged: list[str]
    deleted: list[str]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one of several; `error` is a sentence, None where it went well."""

    id: str
    success: bool
    error: str | None = None
    untagged: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


def delete_image(reference: str, *, force: bool = False) -> Deletion:
    """Delete an image by its id; by a name only that name, and the image with the last one.

    One with several names is deleted by its id with `force` only, as Docker has it. Raise NotFound,
    NotAllowed for Container Monkey's own, or Conflict, also with `force`, where containers use the
    image or others are built on it, naming them.
    """
    with engine() as docker:
        image = changeable_on(docker, reference)
        with audited("image.delete", image.title, id=image.short_id, force=force), engine():
            if name := one_of_several(image, reference):
                return deletion_of(docker.remove_image(name))
            refuse_in_use(image)
            refuse_children(docker, image)
            refuse_several_names(image, force=force)
            return deletion_of(docker.remove_image(image.id, force=has_several_names(image)))


def deletable(reference: str) -> ImageDetails:
    """An image that could be deleted now. Raise what `delete_image` would for its id."""
    with engine() as docker:
        image = changeable_on(docker, reference)
        refuse_in_use(image)
        refuse_children(docker, image)
    return image


def one_of_several(image: Image, reference: str) -> str | None:
    """The name by which an image was asked for, if others remain without it.

    With the last tag of a repository its digest goes, too.
    """
    name = name_meant(image, reference)
    if name is None:
        return None
    tags = [tag for tag in image.tags if tag != name]
    elsewhere = [each for each in image.digests if repository_of(each) != repository_of(name)]
    return name if tags or elsewhere else None


def has_several_names(image: Image) -> bool:
    """Whether an image has more than a tag and the digest that belongs to it."""
    repositories = {repository_of(name) for name in [*image.tags, *image.digests]}
    return len(image.tags) > 1 or len(repositories) > 1


def deletion_of(answer: list[dict[str, str]]) -> Deletion:
    return Deletion(
        untagged=[each["Untagged"] for each in answer if "Untagged" in each],
        deleted=[each["Deleted"] for each in answer if "Deleted" in each],
    )


def delete_images(references: list[str], *, force: bool = False) -> list[Result]:
    """Delete several, those that are built on others first; one that cannot be stops no other.

    Raise Invalid for none or more than `MOST`.
    """
    asked = each_once(references, field="ids", things="images", most=MOST)
    with engine() as docker:
        ordered = children_first(docker, asked)
    results = {reference: result_of(reference, force=force) for reference in ordered}
    return [results[reference] for reference in asked]


def children_first(docker: Docker, references: list[str]) -> list[str]:
    """The references with those to images that are built on others of them before these."""
    parents = {row["Id"]: row["ParentId"] for row in docker.images(all=True)}

    def depth(reference: str) -> int:
        beginning, steps = f"sha256:{reference.removeprefix('sha256:')}", 0
        image = next((each for each in parents if each.startswith(beginning)), "")
        while image := parents.get(image, ""):
            steps += 1
        return steps

    return sorted(references, key=depth, reverse=True)


def result_of(reference: str, *, force: bool) -> Result:
    try:
        done = delete_image(reference, force=force)
    except Problem as problem:
        return Result(reference, success=False, error=str(problem))
    return Result(reference, success=True, untagged=done.untagged, deleted=done.deleted)


def refuse_in_use(image: Image) -> None:
    """Raise Conflict where containers use the image, naming them, or a job works with it."""
    if image.in_use_by:
        raise Conflict(
            f"The image {image.title} is in use by {', '.join(image.in_use_by)}. "
            "Delete what uses it first.",
            containers=image.in_use_by,
        )
    if image.containers:
        raise Conflict(
            f"A job works with the image {image.title}. Wait until it is over, or cancel it."
        )


def refuse_children(docker: Docker, image: ImageDetails) -> None:
    """Raise Conflict where images are built on this one, naming them; the Engine keeps it then."""
    if children := children_of(docker, image.id):
        raise Conflict(
            f"{', '.join(children)} {'is' if len(children) == 1 else 'are'} built on the image "
            f"{image.title}. Delete {'that' if len(children) == 1 else 'those'} first.",
            images=children,
        )


def children_of(docker: Docker, image_id: str) -> list[str]:
    """The names of the images that are built on one of this host, directly."""
    return sorted(
        next(iter(named(row["RepoTags"])), short(row["Id"]))
        for row in docker.images(all=True)
        if row["ParentId"] == image_id
    )


def refuse_several_names(image: Image, *, force: bool) -> None:
    """Raise Conflict where an image would lose several names at once without being asked to."""
    if has_several_names(image) and not force:
        names = [*image.tags, *image.digests]
        raise Conflict(
            f"The image {image.short_id} has several names: {', '.join(names)}. "
            "Force it to delete all of them, or name the one to be removed.",
            names=names,
        )

"""Where the image of a restored container comes from."""

import re

from backups.planning.ground import Ground
from backups.planning.plan import ImagePlan
from images.services import is_named, tag_of


def image_plan(ground: Ground) -> ImagePlan | None:
    """The very same image if the host has it, else that of the archive, else by its digest.

    Only then whatever has the name now, and that is said. None, with a conflict, where there is
    no way to the image.
    """
    saved, docker = ground.manifest["image"], ground.docker
    reference, tagged = saved["reference"], docker.find_image(saved["reference"])
    if tagged and tagged["Id"] == saved["id"]:
        return ImagePlan("found", reference)
    if docker.find_image(saved["id"]):
        return ImagePlan("found", saved["id"])
    if tagged and not is_named(tagged, reference):
        tagged = None
    # With the tag on another image, or with none, the container is made from id or digest.
    tag_is_free = tagged is None and tag_of(reference) in (saved.get("tags") or [])
    if ground.archive.has_image():
        return ImagePlan("archive", reference if tag_is_free else saved["id"])
    for digest in saved.get("digests") or []:
        return ImagePlan("pull", reference if tag_is_free else digest, pull=digest)
    if tagged:
        note = f"It is another image than the one that was backed up ({saved['id'][:19]})."
        return ImagePlan("found", reference, note=note)
    if not is_id(reference):
        return ImagePlan("pull", reference, pull=reference)
    ground.conflict(
        "image",
        reference,
        f"The image {reference} is neither on the host nor in the backup, and has no name by "
        "which it could be pulled.",
    )
    return None


def is_id(reference: str) -> bool:
    """Whether an image was named by its id, which no registry knows."""
    return re.fullmatch(r"(sha256:)?[0-9a-f]{64}|[0-9a-f]{12}", reference) is not None

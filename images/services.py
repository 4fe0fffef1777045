"""What images are called, and that they go on being called so."""

import re
from typing import Any

from engine import Docker, engine
from jobs.registry import undo_action

KEEP_TAGS = "images.keep_tags"

NO_TAG = "<none>:<none>"
"""What Engines up to 24 call an image without a name; later ones give no name."""


def tag_of(reference: str) -> str:
    """A reference as the Engine lists it: `nginx:latest` for `nginx` or `docker.io/library/nginx`.

    One with a digest stays as it is.
    """
    name = reference.removeprefix("docker.io/").removeprefix("library/")
    return name if "@" in name or ":" in name.rpartition("/")[2] else f"{name}:latest"


def is_named(image: dict[str, Any], reference: str) -> bool:
    """Whether an inspected image was found by its name or whole id.

    The Engine also takes a name such as `cafe` for the beginning of an id.
    """
    beginning = re.fullmatch(r"(sha256:)?[0-9a-f]{1,63}", reference)
    return not beginning or tag_of(reference) in (image.get("RepoTags") or [])


def tags_on(docker: Docker) -> dict[str, str]:
    """The id of the image that each tag of the host means."""
    return {
        tag: image["Id"]
        for image in docker.images()
        for tag in image["RepoTags"] or []
        if tag != NO_TAG
    }


@undo_action(KEEP_TAGS)
def keep_tags(tags: dict[str, str]) -> None:
    """Have tags mean the images again that they meant; loading an image moves its tags to it."""
    with engine() as docker:
        present = tags_on(docker)
        for tag, image in tags.items():
            if present.get(tag, image) != image and docker.find_image(image):
                docker.tag_as(image, tag)

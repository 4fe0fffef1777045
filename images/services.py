"""What images are called, and that they go on being called so."""

import re
from typing import Any

from containermonkey.problems import Conflict
from engine import Docker, engine
from jobs.registry import undo_action

KEEP_TAGS = "images.keep_tags"
REMOVE = "images.remove"
GIVE_BACK = "images.give_back"

NAMELESS = "<none>"
"""How the names begin that Engines up to 24 give an image without one."""


def tag_of(reference: str) -> str:
    """A reference as the Engine lists it: `nginx:latest` for `nginx` or `docker.io/library/nginx`.

    One with a digest stays as it is.
    """
    name = reference.removeprefix("docker.io/").removeprefix("library/")
    return name if "@" in name or ":" in name.rpartition("/")[2] else f"{name}:latest"


def named(names: list[str] | None) -> list[str]:
    """The names but `<none>:<none>` and `<none>@<none>`, which stand for “none”."""
    return sorted(name for name in names or [] if not name.startswith(NAMELESS))


def is_named(image: dict[str, Any], reference: str) -> bool:
    """Whether an inspected image was found by its name or whole id.

    The Engine also takes a name such as `cafe` for the beginning of an id.
    """
    beginning = re.fullmatch(r"(sha256:)?[0-9a-f]{1,63}", reference)
    return not beginning or tag_of(reference) in (image.get("RepoTags") or [])


def tags_on(docker: Docker) -> dict[str, str]:
    """The id of the image that each tag of the host means."""
    return {tag: image["Id"] for image in docker.images() for tag in named(image["RepoTags"])}


@undo_action(KEEP_TAGS)
def keep_tags(tags: dict[str, str]) -> None:
    """Have tags mean the images again that they meant; loading an image moves its tags to it."""
    with engine() as docker:
        present = tags_on(docker)
        for tag, image in tags.items():
            if present.get(tag, image) != image and docker.find_image(image):
                docker.tag_as(image, tag)


@undo_action(REMOVE)
def remove_image(reference: str) -> None:
    """Remove an image that a job brought; one that somebody uses by now stays."""
    with engine() as docker:
        found = docker.find_image(reference)
        if found is None or not is_named(found, reference):
            return
        try:
            with engine():
                docker.remove_image(reference)
        except Conflict:
            return


@undo_action(GIVE_BACK)
def give_back(tag: str, image: str, nameless: list[str], pulled: str = "") -> None:
    """Have a tag mean its image again, and remove the one that a pull brought in its place.

    `nameless` are the ids that had no tag before: such a one may have been here already. `pulled`
    is what the pull brings, by its digest, where it was to get the tag only afterwards.
    """
    with engine() as docker:
        found = [docker.find_image(name) for name in (tag, pulled) if name]
    keep_tags({tag: image})
    brought = {each["Id"]: each["RepoTags"] or [] for each in found if each}
    for key, names in brought.items():
        if key not in (image, *nameless) and all(name == tag for name in names):
            remove_image(key)

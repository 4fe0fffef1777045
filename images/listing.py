"""The images of the host: all of them, those with certain words, and in which order."""

from collections.abc import Callable
from typing import Any

from containermonkey import listing
from containermonkey.listing import NEVER
from engine import Docker, engine
from engine.disk_usage import shared_image_sizes
from images.mapping import image_of
from images.types import Image
from images.users import users_by_image

SORT_KEYS: dict[str, Callable[[Image], Any]] = {
    "name": lambda image: (not image.tags, image.title.casefold()),
    "use": lambda image: image.containers,
    "size": lambda image: image.size,
    "shared": lambda image: -1 if image.shared_size is None else image.shared_size,
    "created": lambda image: image.created or NEVER,
}


def list_images(search: str = "", sort: str = "name", *, sizes: bool = False) -> list[Image]:
    """The host's images but Container Monkey's own; two calls of the Engine, `sizes` a third.

    For the shared sizes the Engine counts everything it has, which may take minutes. `search` are
    words that must all be found in names, labels or the containers that use an image, or begin
    its id.
    """
    with engine() as docker:
        everything = images_of(docker, sizes=sizes)
    return in_order(matching(everything, search), sort)


def images_of(docker: Docker, *, sizes: bool = False) -> list[Image]:
    """Every image that may be shown, with the containers that use it."""
    users, rows = users_by_image(docker.list_containers()), docker.images()
    # At last: this may take minutes, which an Engine that does not answer at all is not given.
    shared = shared_image_sizes(docker) if sizes else {}
    return [
        image_of(row, users[row["Id"]], shared.get(row["Id"]))
        for row in rows
        if not users[row["Id"]].hidden
    ]


def matching(images: list[Image], search: str) -> list[Image]:
    """Those in which every word is found."""
    return listing.with_words(images, search, found_in)


def found_in(image: Image, word: str) -> bool:
    labels = [f"{name}={value}" for name, value in image.labels.items()]
    texts = [*image.tags, *image.digests, *labels, *image.in_use_by]
    begins = image.id.startswith(word) or image.short_id.startswith(word.removeprefix("sha256:"))
    return begins or any(word in text.casefold() for text in texts)


def in_order(images: list[Image], sort: str) -> list[Image]:
    """Sorted by a key of SORT_KEYS, `-` before it turns it round; an unknown one counts as name."""
    return listing.in_order(images, sort, SORT_KEYS)

"""The page of all images: what is shown of how many."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator

from containermonkey.listing import Group
from images.listing import in_order, list_images, matching
from images.types import Image

PAGE_SIZE = 100

GROUPS: dict[str, tuple[str, Callable[[Image], bool]]] = {
    "": ("All", lambda image: True),
    "used": ("In use", lambda image: image.containers > 0),
    "unused": ("Unused", lambda image: image.containers == 0),
    "dangling": ("Dangling", lambda image: image.dangling),
}


@dataclass(frozen=True)
class Overview:
    """A page of the images of one group that match, and how many are in the others.

    `total` and `size` are of all that there are; `size` counts layers that images share more than
    once.
    """

    page: Page
    total: int
    size: int
    groups: list[Group]


def overview(
    search: str = "", state: str = "", sort: str = "name", page: str = "1", *, sizes: bool = False
) -> Overview:
    """The images in which the words are found, sorted, a page of them.

    The counts of the groups are of what `search` leaves. An unknown state counts as all.
    """
    everything = list_images(sizes=sizes)
    found = matching(everything, search)
    _, belongs = GROUPS.get(state, GROUPS[""])
    in_group = in_order([image for image in found if belongs(image)], sort)
    return Overview(
        page=Paginator(in_group, PAGE_SIZE).get_page(page),
        total=len(everything),
        size=sum(image.size for image in everything),
        groups=[
            Group(key, title, sum(1 for image in found if fits(image)))
            for key, (title, fits) in GROUPS.items()
        ],
    )

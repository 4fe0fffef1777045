"""Images as one tar, as `docker save` makes it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.audit import audited
from containermonkey.downloads import Content
from containermonkey.problems import Invalid, NotFound
from engine import engine
from engine.names import checked, shortened
from engine.streams import read_images
from images.services import named, tag_of
from images.transfer.tars import whole

MOST = 100
"""Images in one tar."""

SHORTEST_ID = 4
LONGEST_NAME = 100


@dataclass(frozen=True)
class Chosen:
    """An image of the host, and the names under which it goes into the tar: its id without any."""

    id: str
    names: list[str]


def export_images(references: Iterable[str]) -> Content:
    """The tar of one or several images, by name or id; one that is named by its id has all names.

    It is made while it is sent, so its size is not known. Raise NotFound naming what is not
    there, Invalid for none or more than `MOST`.
    """
    asked = list(dict.fromkeys(references))
    if not 1 <= len(asked) <= MOST:
        reason = f"must name from 1 to {MOST} images"
        raise Invalid(f"The ids {reason}.", fields={"ids": reason})
    with audited("image.export", ", ".join(asked)), engine() as docker:
        rows = docker.images()
        chosen = [choice(reference, rows) for reference in asked]
        names = list(dict.fromkeys(name for each in chosen for name in each.names))
        stream = read_images(docker, names)
    return Content(filename(chosen), None, lambda: whole(stream))


def choice(reference: str, rows: list[dict[str, Any]]) -> Chosen:
    """The image that a name, an id or the beginning of one means."""
    tag = tag_of(checked(reference, "image"))
    for row in rows:
        if tag in (row["RepoTags"] or []):
            return Chosen(row["Id"], [tag])
        if reference in (row.get("RepoDigests") or []):
            return Chosen(row["Id"], [reference])
    beginning = reference.removeprefix("sha256:")
    found = [row for row in rows if row["Id"].removeprefix("sha256:").startswith(beginning)]
    if not found or len(beginning) < SHORTEST_ID:
        raise NotFound(f"There is no image named {shortened(reference)}.")
    if len(found) > 1:
        raise Invalid(f"More than one image’s id begins with {shortened(reference)}.")
    return Chosen(found[0]["Id"], named(found[0]["RepoTags"]) or [found[0]["Id"]])


def filename(chosen: list[Chosen]) -> str:
    """What the file is called: after the first name, and how many more there are."""
    first = chosen[0].names[0]
    if first == chosen[0].id:
        first = f"image-{first.removeprefix('sha256:')[:12]}"
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", first).strip("-.")[:LONGEST_NAME]
    more = len(chosen) - 1
    return f"{stem}-and-{more}-more.tar" if more else f"{stem}.tar"

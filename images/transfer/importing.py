"""Images from a tar that somebody brings, as `docker load` takes them in."""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.audit import audited
from containermonkey import figures
from containermonkey.problems import EngineRefused, NoSpace, NotAllowed, TooLarge
from engine import Docker, engine
from engine.errors import sentence
from engine.streams import load_messages
from images.mapping import short
from images.services import keep_tags, remove_image, tags_on
from images.transfer.tars import NOT_IMPORTED, Bound, plain_tar, refused
from images.users import users_by_image

WRITTEN = 2
"""How often the Engine writes what it loads: the tar, and the layers."""

LOADED = re.compile(r"Loaded image(?: ID)?: (\S+)")


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """An image that was in the file; `tags` are those that it has by that, `size` in bytes."""

    id: str
    short_id: str
    tags: list[str]
    size: int
    created: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class MovedTag:
    """A tag that means the loaded image now, and `image_id`, which it meant before."""

    tag: str
    image_id: str


@dataclass(frozen=True, slots=True)
class Imported:
    images: list[LoadedImage]
    moved: list[MovedTag]

    @property
    def done(self) -> Iterator[str]:
        """What was loaded, as sentences."""
        for image in self.images:
            name = ", ".join(image.tags) or image.short_id
            yield f"Imported {name}" if image.is_new else f"{name} was here already"

    @property
    def warnings(self) -> Iterator[str]:
        """Which tags mean something else by that, as sentences."""
        for moved in self.moved:
            yield (
                f"{moved.tag} meant another image before ({short(moved.image_id)}), which is "
                "still on the host."
            )


def import_images(name: str, pieces: Iterable[bytes]) -> Imported:
    """Load what `docker save` wrote, gzipped or not, as it arrives; no copy of it is kept.

    `name` is what the file is called where it comes from. Raise Invalid where it is not sound,
    TooLarge or NoSpace where it unpacks to more than it may, or UploadBroken; then nothing of it
    stays, and every tag means what it meant. The same holds for NotAllowed, where a tag of
    Container Monkey's own image would mean another one: the next start would be of that.
    """
    with audited("image.import", name) as details, engine() as docker:
        before = Before(
            tags_on(docker), {row["Id"] for row in docker.images(all=True)}, own_images(docker)
        )
        loaded = load(docker, pieces, before)
        refuse_other_self(docker, loaded, before)
        imported = imported_of(docker, loaded, before)
        details["images"] = loaded
    return imported


@dataclass(frozen=True)
class Before:
    """What there was: the image that each tag meant, the ids of all images, and of our own."""

    tags: dict[str, str]
    ids: set[str]
    own: set[str]


def own_images(docker: Docker) -> set[str]:
    """The ids of the images from which this program runs."""
    users = users_by_image(docker.list_containers())
    return {image for image, found in users.items() if found.ourselves}


def refuse_other_self(docker: Docker, loaded: list[str], before: Before) -> None:
    """Take everything back and raise NotAllowed where our own image has lost a tag by it.

    Which tags a file brings is known only when it is loaded: its list of them may come last.
    """
    present = tags_on(docker)
    lost = [
        tag
        for tag, image in before.tags.items()
        if image in before.own and present.get(tag) != image
    ]
    if lost:
        take_back(docker, loaded, before)
        raise NotAllowed(
            f"{NOT_IMPORTED} It holds another image named {', '.join(lost)}, which is the name of "
            "Container Monkey’s own."
        )


def load(docker: Docker, pieces: Iterable[bytes], before: Before) -> list[str]:
    """Have the Engine load it; the names, or ids of what has none, in the order of the file."""
    try:
        messages = load_messages(docker, plain_tar(pieces, bound_of(docker)))
    except EngineRefused as problem:
        raise refused(f"The Docker Engine does not take it: {problem}") from None
    loaded = [found for message in messages for found in LOADED.findall(message.get("stream", ""))]
    for message in messages:
        if "error" in message:
            take_back(docker, loaded, before)
            raise refused(f"The Docker Engine does not take it: {sentence(message['error'])}")
    return loaded


def bound_of(docker: Docker) -> Bound:
    """To what a file may unpack: what is set, and half of what is free where images are kept.

    The Engine writes the tar down before it makes images of it. Its directory is looked at where
    it is on a socket of this machine and the directory is seen from here.
    """
    most, place = settings.LARGEST_IMPORT, Path(docker.info()["DockerRootDir"])
    if docker.url.startswith("unix:") and place.is_dir():
        free = shutil.disk_usage(place).free // WRITTEN
        if free < most:
            return Bound(free, NoSpace(f"{NOT_IMPORTED} It unpacks to more than fits on the host."))
    words = f"It unpacks to more than {figures.size(most)} (CONTAINERMONKEY_LARGEST_IMPORT)."
    return Bound(most, TooLarge(f"{NOT_IMPORTED} {words}", fields={"file": words}))


def take_back(docker: Docker, loaded: list[str], before: Before) -> None:
    """Remove what came before the Engine met a fault, and give tags back to what had them."""
    present = tags_on(docker)
    brought = {present.get(name, name) for name in loaded} - before.ids
    keep_tags({name: before.tags[name] for name in loaded if name in before.tags})
    for name in [*(name for name in loaded if name not in before.tags), *brought]:
        remove_image(name)


def imported_of(docker: Docker, loaded: list[str], before: Before) -> Imported:
    """What is on the host by that; one call of the Engine, however many there are."""
    rows = {row["Id"]: row for row in docker.images(all=True)}
    owners = {tag: key for key, row in rows.items() for tag in row["RepoTags"] or []}
    tags: dict[str, list[str]] = {}
    for name in loaded:
        named = tags.setdefault(owners.get(name, name), [])
        if name in owners:
            named.append(name)
    moved = [
        MovedTag(name, before.tags[name])
        for name in loaded
        if name in before.tags and owners.get(name) != before.tags[name]
    ]
    images = [image_of(rows[key], named, before) for key, named in tags.items() if key in rows]
    return Imported(images, moved)


def image_of(row: dict[str, Any], tags: list[str], before: Before) -> LoadedImage:
    return LoadedImage(
        id=row["Id"],
        short_id=short(row["Id"]),
        tags=tags,
        size=row["Size"],
        created=datetime.fromtimestamp(max(row["Created"], 0), UTC),
        is_new=row["Id"] not in before.ids,
    )

"""What is known of images, in plain values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from containers.types import Healthcheck, Variable


@dataclass(frozen=True, slots=True)
class Image:
    """An image as the Engine's list tells of it.

    `containers` counts those of jobs too, which `in_use_by` does not name. `shared_size` are the
    bytes of layers that other images have too, None where that was not asked for or is not known.
    `dangling` is one that has neither tag nor digest.
    """

    id: str
    short_id: str
    tags: list[str]
    digests: list[str]
    repository: str | None
    tag: str | None
    size: int
    shared_size: int | None
    created: datetime | None
    containers: int
    in_use_by: list[str]
    dangling: bool
    labels: dict[str, str]

    @property
    def title(self) -> str:
        """What people call it: its first name, or the beginning of its id."""
        return next(iter([*self.tags, *filter(None, [self.repository])]), self.short_id)


@dataclass(frozen=True, slots=True)
class ImageDetails(Image):
    """An image with its configuration; `inspect` is the Engine's whole answer."""

    parent: str | None
    architecture: str
    os: str
    author: str
    comment: str
    entrypoint: list[str]
    command: list[str]
    working_dir: str
    user: str
    ports: list[str]
    volumes: list[str]
    healthcheck: Healthcheck | None
    environment: list[Variable]
    inspect: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Layer:
    """A step of how an image was made; `id` is None where only its maker has that step's image."""

    id: str | None
    created: datetime | None
    created_by: str
    size: int
    comment: str
    tags: list[str]

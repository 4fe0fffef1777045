"""From the Engine's JSON to our dataclasses."""

from datetime import UTC, datetime
from typing import Any

from accounts.masks import (
    hides_secrets,
    visible_document,
    visible_pairs,
    visible_text,
    visible_words,
)
from containers.mapping import healthcheck_of, variable_of
from engine.times import moment
from images.services import named
from images.steps import hidden, without_values
from images.types import Image, ImageDetails, Layer
from images.users import Users

SHORT = 12


def image_of(row: dict[str, Any], users: Users, shared_size: int | None = None) -> Image:
    """An image from its entry in the answer of `GET /images/json`."""
    return Image(
        **members_of(row, users, shared_size),
        created=moment_of(row["Created"]),
        labels=visible_pairs(row["Labels"] or {}),
    )


def members_of(row: dict[str, Any], users: Users, shared_size: int | None) -> dict[str, Any]:
    """The members that an entry of the list and an inspect have alike."""
    tags, digests = named(row["RepoTags"]), named(row["RepoDigests"])
    first = next(iter([*tags, *digests]), "")
    return {
        "id": row["Id"],
        "short_id": short(row["Id"]),
        "tags": tags,
        "digests": digests,
        "repository": repository_of(first) or None,
        "tag": first.rpartition(":")[2] if tags else None,
        "size": row["Size"],
        "shared_size": shared_size,
        "containers": users.count,
        "in_use_by": sorted(users.names, key=str.casefold),
        "dangling": not tags and not digests,
    }


def repository_of(name: str) -> str:
    """`ghcr.io/who/what` of `ghcr.io/who/what:1.2` and of `ghcr.io/who/what@sha256:…`."""
    return name.partition("@")[0] if "@" in name else name.rpartition(":")[0]


def short(image_id: str) -> str:
    return image_id.removeprefix("sha256:")[:SHORT]


def moment_of(seconds: int | None) -> datetime | None:
    """A time of the list or of a history; None for one that was never set."""
    return datetime.fromtimestamp(seconds, UTC) if seconds and seconds > 0 else None


def details_of(inspect: dict[str, Any], users: Users) -> ImageDetails:
    """The details of an image from its inspect."""
    config = inspect.get("Config") or {}
    entrypoint = config.get("Entrypoint") or []
    return ImageDetails(
        **members_of(inspect, users, None),
        created=moment(inspect.get("Created")),
        labels=visible_pairs(config.get("Labels") or {}),
        parent=inspect.get("Parent") or None,
        architecture="/".join(filter(None, [inspect.get("Architecture"), inspect.get("Variant")])),
        os=inspect.get("Os") or "",
        author=inspect.get("Author") or "",
        comment=visible_text(inspect.get("Comment") or ""),
        entrypoint=visible_words(entrypoint),
        command=visible_words(config.get("Cmd") or [], entrypoint),
        working_dir=config.get("WorkingDir") or "",
        user=config.get("User") or "",
        ports=sorted(config.get("ExposedPorts") or {}),
        volumes=sorted(config.get("Volumes") or {}),
        healthcheck=healthcheck_of(config.get("Healthcheck")),
        environment=[variable_of(text) for text in config.get("Env") or []],
        inspect=visible_document(hidden(inspect)) if hides_secrets() else inspect,
    )


def layer_of(row: dict[str, Any]) -> Layer:
    """A layer from its entry in the answer of `GET /images/<id>/history`."""
    step = row["CreatedBy"] or ""
    return Layer(
        id=None if row["Id"] == "<missing>" else row["Id"],
        created=moment_of(row["Created"]),
        created_by=visible_text(without_values(step)) if hides_secrets() else step,
        size=row["Size"],
        comment=visible_text(row["Comment"] or ""),
        tags=named(row["Tags"]),
    )

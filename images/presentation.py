"""How images are told about on pages."""

import json
from dataclasses import replace
from typing import Any

from containermonkey import figures, listing
from containers.details.presentation import healthcheck
from images.deleting import Deletion
from images.overview import Overview
from images.steps import hidden, without_values
from images.types import Image, ImageDetails, Layer


def toolbar(seen: Overview, asked: dict[str, str], *, sizes: bool) -> dict[str, Any]:
    """The tabs of the groups, which keep what else is asked for."""
    asked = asked | {"sizes": "1" if sizes else ""}
    return {"tabs": listing.tabs_of(seen.groups, asked), "kept": listing.kept(asked)}


def facts(image: ImageDetails) -> list[tuple[str, Any]]:
    """The plain lines of an image; what is not set is left out."""
    virtual = image.inspect.get("VirtualSize") or image.size
    lines = [
        ("Id", image.id),
        ("Size", figures.size(image.size)),
        ("Virtual size", figures.size(virtual) if virtual != image.size else ""),
        ("Created", figures.moment(image.created) if image.created else ""),
        ("Platform", "/".join(filter(None, [image.os, image.architecture]))),
        ("Author", image.author),
        ("Comment", image.comment),
    ]
    return [(name, value) for name, value in lines if value]


def configuration(image: ImageDetails) -> list[tuple[str, str]]:
    """What a container made from the image begins with."""
    lines = [
        ("Entry point", " ".join(image.entrypoint)),
        ("Command", " ".join(image.command)),
        ("Working directory", image.working_dir),
        ("User", image.user),
        ("Ports", ", ".join(image.ports)),
        ("Volumes", ", ".join(image.volumes)),
        ("Healthcheck", healthcheck(image.healthcheck)),
    ]
    return [(name, value) for name, value in lines if value]


def shown_layers(layers: list[Layer], *, with_values: bool) -> list[Layer]:
    """The history; without the values of variables and build arguments unless asked."""
    if with_values:
        return layers
    return [replace(layer, created_by=without_values(layer.created_by)) for layer in layers]


def inspect_text(image: ImageDetails, *, with_values: bool) -> str:
    """The Engine's whole answer as JSON; without the values of the environment unless asked."""
    inspect = image.inspect if with_values else hidden(image.inspect)
    return json.dumps(inspect, indent=2, ensure_ascii=False)


def lost(image: ImageDetails) -> list[str]:
    """What goes with an image that is deleted."""
    names = image.tags or image.digests
    return [
        *(f"The name {name}" for name in names),
        f"Up to {figures.size(image.size)} of layers: those that no other image has",
    ]


def told(done: Deletion) -> str:
    """What a deletion took, in a sentence."""
    if not done.deleted:
        return f"Removed the name {', '.join(done.untagged)}"
    names = sorted(name for name in done.untagged if "@" not in name)
    return f"Deleted the image {', '.join(names)}" if names else "Deleted the image"


def kept_without(image: Image, name: str) -> list[str]:
    """What stays of an image that loses a name."""
    others = [f"Its name {each}" for each in image.tags if each != name]
    return ["The image with its layers", *others]

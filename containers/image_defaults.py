"""Telling what a container was asked for from what its image gave it.

An inspect shows both as one. When a container is made again from a newer image, the old image's
variables, labels, ports, healthcheck and so on must not hide the new one's.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

INHERITED = ("User", "WorkingDir", "StopSignal", "Healthcheck", "Shell", "OnBuild")
"""Settings that an image gives as a whole."""

INHERITED_BY_KEY = ("Labels", "ExposedPorts", "Volumes")
"""Settings to which an image adds."""


def without_image_defaults(
    body: Mapping[str, Any], image_config: Mapping[str, Any] | None
) -> dict[str, Any]:
    """A create body without what the inspected container's own image (its `Config`) gave it.

    A published port stays exposed, and a volume that is mounted stays mounted: those stand in
    `HostConfig`. What somebody asked for in the image's very words counts as the image's.
    """
    image = image_config or {}
    left = deepcopy(dict(body))
    for field in INHERITED:
        if left.get(field) and left[field] == image.get(field):
            left[field] = None
    for field in INHERITED_BY_KEY:
        given = image.get(field) or {}
        left[field] = {
            key: value
            for key, value in (left.get(field) or {}).items()
            if key not in given or given[key] != value
        }
    given_variables = set(image.get("Env") or [])
    left["Env"] = [text for text in left.get("Env") or [] if text not in given_variables]
    return left | own_command(left, image)


def own_command(body: Mapping[str, Any], image: Mapping[str, Any]) -> dict[str, Any]:
    """`Entrypoint` and `Cmd` as far as they are not the image's.

    The Engine takes the image's command only where no entrypoint is given.
    """
    entrypoint = [word for word in body.get("Entrypoint") or [] if word]
    if entrypoint != (image.get("Entrypoint") or []):
        return {}
    if (body.get("Cmd") or []) == (image.get("Cmd") or []):
        return {"Entrypoint": None, "Cmd": None}
    return {"Entrypoint": None} if body.get("Cmd") else {}

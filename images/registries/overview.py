"""The page of all registries."""

from dataclasses import dataclass

from images.models import Registry
from images.registries.services import is_readable, list_registries


@dataclass(frozen=True)
class Row:
    registry: Registry
    readable: bool


def rows() -> list[Row]:
    """Each registry, and whether its password can still be read."""
    return [Row(registry, is_readable(registry)) for registry in list_registries()]

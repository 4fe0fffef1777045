"""How many stacks at once are told about."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from containermonkey.figures import counted
from stacks.deleting import Belongings
from stacks.presentation import deletion_of
from stacks.types import Stack


def deletion_of_all(found: Iterable[tuple[Stack, Belongings]]) -> dict[str, Any]:
    """What the page asks that deletes several: everything that goes with each."""
    each = [deletion_of(stack, belongings) for stack, belongings in found]
    return {
        "title": f"Delete {counted(len(each), 'stack')}?",
        "action": reverse("stacks:bulk"),
        "names": [one["stack"].name for one in each],
        "lost": [line for one in each for line in one["lost"]],
        "kept": ["Their backups", "Their images", *(f"The volume {v}" for v in volumes_of(each))],
        "volumes": volumes_of(each),
        "submit": "Delete",
        "cancel_url": reverse("stacks:list"),
    }


def volumes_of(each: list[dict[str, Any]]) -> list[str]:
    return [volume for one in each for volume in one["volumes"]]

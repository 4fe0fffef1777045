"""What the bar under the list offers, and how it is told what came of it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest

from backups.bulk.deleting import Deletion

MOST_REASONS = 5
"""Failures that are told one by one."""


@dataclass(frozen=True)
class BarAction:
    name: str
    label: str
    icon: str
    danger: bool = False


BAR = [
    BarAction("download", "Download", icon="download-simple"),
    BarAction("delete", "Delete", icon="trash", danger=True),
]


def tell(request: HttpRequest, result: Deletion) -> None:
    """One message for what is gone, one for what is not."""
    if result.deleted:
        messages.success(request, f"Deleted {count(len(result.deleted))}")
    if result.failed:
        reasons = " ".join(each.error for each in result.failed[:MOST_REASONS])
        more = len(result.failed) - MOST_REASONS
        rest = f" And {more} more." if more > 0 else ""
        failed = count(len(result.failed))
        messages.error(request, f"{failed} could not be deleted. {reasons}{rest}")


def count(number: int) -> str:
    return f"{number} backup{'' if number == 1 else 's'}"

"""What pages say of, and offer for, many things at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest

MOST_REASONS = 5
"""Failures that are told one by one."""


@dataclass(frozen=True)
class BarAction:
    """A button in the bar under a list; one of `danger` answers with a question."""

    name: str
    label: str
    icon: str
    danger: bool = False


def tell_failures(request: HttpRequest, what: str, reasons: Sequence[str]) -> None:
    """Say in one message what failed, with the first of the reasons; nothing without any."""
    if reasons:
        more = len(reasons) - MOST_REASONS
        rest = f" And {more} more." if more > 0 else ""
        messages.error(request, f"{what} {' '.join(reasons[:MOST_REASONS])}{rest}")

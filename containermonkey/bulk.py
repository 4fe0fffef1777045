"""What pages say of, and offer for, many things at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest

from containermonkey.figures import counted

MOST_REASONS = 5
"""Failures that are told one by one."""


@dataclass(frozen=True)
class BarAction:
    """A button in the bar under a list; one of `danger` answers with a question.

    `needs` is the act that it does, for those who lack the right to it.
    """

    name: str
    label: str
    icon: str
    needs: str
    danger: bool = False


def tell_deleted(request: HttpRequest, noun: str, errors: Sequence[str | None]) -> None:
    """One message for how many of several things are deleted, one for those that are not.

    `errors` has None for each that is.
    """
    reasons = [error for error in errors if error is not None]
    if done := len(errors) - len(reasons):
        messages.success(request, f"Deleted {counted(done, noun)}")
    tell_failures(request, f"{counted(len(reasons), noun)} could not be deleted.", reasons)


def tell_failures(request: HttpRequest, what: str, reasons: Sequence[str]) -> None:
    """Say in one message what failed, with the first of the reasons; nothing without any."""
    if reasons:
        more = len(reasons) - MOST_REASONS
        rest = f" And {more} more." if more > 0 else ""
        messages.error(request, f"{what} {' '.join(reasons[:MOST_REASONS])}{rest}")

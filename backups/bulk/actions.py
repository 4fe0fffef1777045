"""What the bar under the list offers, and how it is told what came of it."""

from django.contrib import messages
from django.http import HttpRequest

from backups.bulk.checking import Checks
from backups.bulk.deleting import Deletion, Failure
from containermonkey.bulk import BarAction, tell_failures

BAR = [
    BarAction("download", "Download", icon="download-simple"),
    BarAction("verify", "Check again", icon="shield-check"),
    BarAction("delete", "Delete", icon="trash", danger=True),
]


def tell_deleted(request: HttpRequest, result: Deletion) -> None:
    """One message for what is gone, one for what is not."""
    if result.deleted:
        messages.success(request, f"Deleted {count(len(result.deleted))}")
    tell_failed(request, result.failed, "deleted")


def tell_asked(request: HttpRequest, result: Checks) -> None:
    """One message for what will be checked, one for what will not."""
    if result.asked:
        messages.success(request, f"The check of {count(len(result.asked))} is in the queue.")
    tell_failed(request, result.failed, "checked")


def tell_failed(request: HttpRequest, failed: list[Failure], done: str) -> None:
    what = f"{count(len(failed))} could not be {done}."
    tell_failures(request, what, [each.error for each in failed])


def count(number: int) -> str:
    return f"{number} backup{'' if number == 1 else 's'}"

"""What the bar under the list offers, and how it is told what came of it."""

from django.contrib import messages
from django.http import HttpRequest

from backups.bulk.checking import Checks
from backups.bulk.deleting import Deletion, Failure
from containermonkey.bulk import BarAction, tell_failures
from containermonkey.figures import counted

BAR = [
    BarAction("download", "Download", icon="download-simple", needs="backup.download"),
    BarAction("verify", "Check again", icon="shield-check", needs="verify.request"),
    BarAction("delete", "Delete", icon="trash", needs="backup.delete", danger=True),
]


def tell_deleted(request: HttpRequest, result: Deletion) -> None:
    """One message for what is gone, one for what is not."""
    if result.deleted:
        messages.success(request, f"Deleted {counted(len(result.deleted), 'backup')}")
    tell_failed(request, result.failed, "deleted")


def tell_asked(request: HttpRequest, result: Checks) -> None:
    """One message for what will be checked, one for what will not."""
    if result.asked:
        asked = counted(len(result.asked), "backup")
        messages.success(request, f"The check of {asked} is in the queue.")
    tell_failed(request, result.failed, "checked")


def tell_failed(request: HttpRequest, failed: list[Failure], done: str) -> None:
    what = f"{counted(len(failed), 'backup')} could not be {done}."
    tell_failures(request, what, [each.error for each in failed])

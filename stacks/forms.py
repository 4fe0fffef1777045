"""The form of a stack's page: how all of it is to be backed up."""

from django.http import HttpRequest

from backups.forms import CONSISTENCY, BackupForm, words
from backups.options import BackupOptions
from backups.sets.offer import StackOffer
from backups.sets.services import request_stack_backup
from jobs.models import Job


class StackBackupForm(BackupForm):
    """The choices of a single backup, for a whole stack: `container` is its name.

    Tasks of a swarm cannot be stopped for it, so that is no choice there.
    """

    def __init__(self, request: HttpRequest, offer: StackOffer) -> None:
        super().__init__(request, offer.stack)
        if not offer.may_stop:
            kept = [choice for choice in CONSISTENCY if choice[0] != "stop"]
            self.choices = {"consistency": kept}
            self.fields["consistency"].choices = words(kept)  # type: ignore[attr-defined]

    def request_job(self, options: BackupOptions) -> Job:
        return request_stack_backup(self.container, options, self.request.user)

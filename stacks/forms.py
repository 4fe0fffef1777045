"""The form of a stack's page: how all of it is to be backed up."""

from backups.forms import BackupForm
from backups.options import BackupOptions
from backups.sets.services import request_stack_backup
from jobs.models import Job


class StackBackupForm(BackupForm):
    """The choices of a single backup, for a whole stack: `container` is its name."""

    def request_job(self, options: BackupOptions) -> Job:
        return request_stack_backup(self.container, options, self.request.user)

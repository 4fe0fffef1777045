"""Who asked for a backup: its job knows, for as long as it is remembered."""

from django.db.models import Q

from backups.types import BackupInfo
from jobs.models import Job, Kind
from jobs.presentation import asked_by


def who_asked_for(backup: BackupInfo) -> str:
    """The user, or what asked by itself; nothing where it is not known any more."""
    made = Q(kind=Kind.BACKUP, result__filename=backup.filename)
    if backup.set_id:
        made |= Q(kind=Kind.STACK_BACKUP, result__set_id=str(backup.set_id))
    job = Job.objects.filter(made).select_related("requested_by").first()
    return asked_by(job) if job else ""

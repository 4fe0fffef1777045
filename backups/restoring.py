"""Bringing back what a backup is of: a container, or a volume by itself."""

from backups import services
from backups.models import Kind
from backups.options import RestoreOptions
from backups.types import Plan
from backups.volumes.restoring import plan_volume_restore, request_volume_restore
from jobs.models import Job
from jobs.services import User


def plan_restore(filename: str, options: RestoreOptions) -> Plan:
    """What a restore would do and meet, without doing it."""
    if is_of_volume(filename):
        return plan_volume_restore(filename, options)
    return services.plan_restore(filename, options)


def request_restore(filename: str, options: RestoreOptions, user: User = None) -> Job:
    """Put a restore into the queue. Raise RestoreConflict if the options leave something open."""
    if is_of_volume(filename):
        return request_volume_restore(filename, options, user)
    return services.request_restore(filename, options, user)


def is_of_volume(filename: str) -> bool:
    return services.find_backup(filename).kind == Kind.VOLUME

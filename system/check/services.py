"""Whether everything is there that the program needs, and what to do where it is not."""

from django.db.models import Max

from backups.models import Backup
from engine.patience import patient_for
from system.check import docker_host, exposure, ourselves, storage
from system.check.types import Report


def check_environment() -> Report:
    """Look at everything. Takes a few seconds at most, also while the Engine hangs."""
    database = ourselves.database()
    largest = largest_backup() if database.ok else 0
    with patient_for(docker_host.PATIENCE):
        around = [*docker_host.checks()]
    own = [*ourselves.checks(database), *exposure.checks()]
    return Report([*around, *storage.checks(largest), *own])


def largest_backup() -> int:
    """The bytes of the largest archive so far."""
    return Backup.objects.aggregate(largest=Max("size"))["largest"] or 0

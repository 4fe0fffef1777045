"""The jobs of this app, and what it does by itself. How to put back stands beside each act."""

from typing import Any

from backups.capture import run_backup
from backups.restore import run_restore
from backups.retention.prune import run_prune
from backups.schedules.running import run_due
from jobs.models import Kind
from jobs.registry import chore, handler
from jobs.running import RunningJob


@handler(Kind.BACKUP)
def backup(running: RunningJob) -> dict[str, Any]:
    return run_backup(running)


@handler(Kind.RESTORE)
def restore(running: RunningJob) -> dict[str, Any]:
    return run_restore(running)


@handler(Kind.PRUNE)
def prune(running: RunningJob) -> dict[str, Any]:
    return run_prune(running)


@chore
def schedules() -> None:
    run_due()

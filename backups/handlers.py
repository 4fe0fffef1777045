"""The jobs of this app. How to put back what they change stands beside each act."""

from typing import Any

from backups.capture import run_backup
from backups.put_back import run_put_back
from backups.restore import run_restore
from backups.sets.capture import run_stack_backup
from backups.sets.restore import run_stack_restore
from jobs.models import Kind
from jobs.registry import handler
from jobs.running import RunningJob


@handler(Kind.BACKUP)
def backup(running: RunningJob) -> dict[str, Any]:
    return run_backup(running)


@handler(Kind.RESTORE)
def restore(running: RunningJob) -> dict[str, Any]:
    return run_restore(running)


@handler(Kind.PUT_BACK)
def put_back(running: RunningJob) -> dict[str, Any]:
    return run_put_back(running)


@handler(Kind.STACK_BACKUP)
def stack_backup(running: RunningJob) -> dict[str, Any]:
    return run_stack_backup(running)


@handler(Kind.STACK_RESTORE)
def stack_restore(running: RunningJob) -> dict[str, Any]:
    return run_stack_restore(running)

"""The jobs of this app. How to put back what they change stands beside each act."""

from typing import Any

from backups.capture import run_backup
from backups.put_back import run_put_back
from backups.rehearsal import run_rehearsal
from backups.restore import run_restore
from backups.verification import run_verify
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


@handler(Kind.VERIFY)
def verify(running: RunningJob) -> dict[str, Any]:
    return run_verify(running)


@handler(Kind.REHEARSAL)
def rehearsal(running: RunningJob) -> dict[str, Any]:
    return run_rehearsal(running)

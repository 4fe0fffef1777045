"""The jobs of this app, and what it does by itself. How to put back stands beside each act."""

from typing import Any

from backups.capture import run_backup
from backups.files import remove_left_behind
from backups.options import BackupOptions, RestoreOptions
from backups.put_back import request_put_back, run_put_back
from backups.rehearsal import request_rehearsal, run_rehearsal
from backups.restore import run_restore
from backups.restoring import request_restore
from backups.retention.prune import run_prune
from backups.scanning import request_scan, run_scan
from backups.schedules.running import run_due
from backups.services import request_backup
from backups.sets.capture import run_stack_backup
from backups.sets.options import SetOptions
from backups.sets.restore import run_stack_restore
from backups.sets.services import request_set_restore, request_stack_backup
from backups.verification import request_verify, run_verify
from backups.volumes.capture import request_volume_backup, run_volume_backup
from backups.volumes.cloning import CloneOptions, request_clone, run_clone
from backups.volumes.restoring import run_volume_restore
from jobs.models import Job, Kind
from jobs.registry import chore, handler, runs_again
from jobs.running import RunningJob
from jobs.services import User


@handler(Kind.BACKUP)
def backup(running: RunningJob) -> dict[str, Any]:
    if "volume" in running.arguments:
        return run_volume_backup(running)
    return run_backup(running)


@handler(Kind.RESTORE)
def restore(running: RunningJob) -> dict[str, Any]:
    if "volume" in running.arguments:
        return run_volume_restore(running)
    return run_restore(running)


@handler(Kind.PUT_BACK)
def put_back(running: RunningJob) -> dict[str, Any]:
    return run_put_back(running)


@handler(Kind.SCAN)
def scan(running: RunningJob) -> dict[str, Any]:
    return run_scan(running)


@handler(Kind.VERIFY)
def verify(running: RunningJob) -> dict[str, Any]:
    return run_verify(running)


@handler(Kind.REHEARSAL)
def rehearsal(running: RunningJob) -> dict[str, Any]:
    return run_rehearsal(running)


@handler(Kind.PRUNE)
def prune(running: RunningJob) -> dict[str, Any]:
    return run_prune(running)


@handler(Kind.STACK_BACKUP)
def stack_backup(running: RunningJob) -> dict[str, Any]:
    return run_stack_backup(running)


@handler(Kind.STACK_RESTORE)
def stack_restore(running: RunningJob) -> dict[str, Any]:
    return run_stack_restore(running)


@handler(Kind.VOLUME_CLONE)
def volume_clone(running: RunningJob) -> dict[str, Any]:
    return run_clone(running)


@runs_again(Kind.BACKUP)
def back_up_again(job: Job, user: User) -> Job:
    options = BackupOptions(**job.arguments["options"])
    if "volume" in job.arguments:
        return request_volume_backup(job.arguments["volume"], options, user)
    return request_backup(job.arguments["name"], options, user)


# What a restore that got through replaced once, it would replace a second time.
@runs_again(Kind.RESTORE, after_success=False)
def restore_again(job: Job, user: User) -> Job:
    options = RestoreOptions(**job.arguments["options"])
    return request_restore(job.arguments["filename"], options, user)


@runs_again(Kind.PUT_BACK, after_success=False)
def put_back_again(job: Job, user: User) -> Job:
    arguments = job.arguments
    return request_put_back(
        arguments["filename"], arguments["path"], beside=arguments["beside"], user=user
    )


@runs_again(Kind.STACK_BACKUP)
def back_up_stack_again(job: Job, user: User) -> Job:
    options = BackupOptions(**job.arguments["options"])
    return request_stack_backup(job.arguments["stack"], options, user)


@runs_again(Kind.STACK_RESTORE, after_success=False)
def restore_set_again(job: Job, user: User) -> Job:
    options = SetOptions(**job.arguments["options"])
    return request_set_restore(job.arguments["set_id"], options, user)


# The name of one that got through is taken.
@runs_again(Kind.VOLUME_CLONE, after_success=False)
def clone_again(job: Job, user: User) -> Job:
    arguments = dict(job.arguments)
    name = arguments.pop("volume")
    return request_clone(name, CloneOptions(**arguments), user)


@runs_again(Kind.SCAN)
def scan_again(job: Job, user: User) -> Job:
    return request_scan(user)


@runs_again(Kind.VERIFY)
def verify_again(job: Job, user: User) -> Job:
    return request_verify(job.arguments["filename"], user)


@runs_again(Kind.REHEARSAL)
def rehearse_again(job: Job, user: User) -> Job:
    return request_rehearsal(job.arguments["filename"], user)


@chore
def schedules() -> None:
    run_due()


@chore
def files_left_behind() -> None:
    remove_left_behind()

"""The jobs of this app, and how to put back what they change."""

from typing import Any

from backups import files
from backups.capture import run_backup
from backups.consistency import LET_GO
from backups.restore import run_restore
from containermonkey.problems import NotFound
from containers.acts import pause_container, start_container, unpause_container
from jobs.models import Kind
from jobs.registry import handler, undo_action
from jobs.running import RunningJob


@handler(Kind.BACKUP)
def backup(running: RunningJob) -> dict[str, Any]:
    return run_backup(running)


@handler(Kind.RESTORE)
def restore(running: RunningJob) -> dict[str, Any]:
    return run_restore(running)


@undo_action(files.REMOVE_UNFINISHED)
def remove_unfinished(filename: str) -> None:
    files.remove_unfinished(filename)


@undo_action(LET_GO)
def let_go(container_id: str, name: str, act: str) -> None:
    """Have a container run again that was stopped or paused while its data was read.

    By its name where it was recreated meanwhile; nothing is left to do where it was removed.
    """
    for reference in (container_id, name):
        try:
            if act == "unpause":
                unpause_container(reference)
            else:
                start_container(reference)
            if act == "start_paused":
                pause_container(reference)
        except NotFound:
            continue
        return

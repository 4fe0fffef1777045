"""What may be asked of backups of whole stacks."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from uuid import UUID

from accounts.audit import require
from backups.archive.reader import ArchiveReader
from backups.consistency import Member, refuse_lost_by_stopping
from backups.files import archive_path
from backups.hooks import hooks_of
from backups.options import BackupOptions
from backups.sets.members import members_of_stack
from backups.sets.options import SetOptions
from backups.sets.planning import SetPlan, plan_set
from backups.sets.queries import BackupSet, find_set
from backups.types import Conflict, Plan
from containers.queries import ALIVE
from engine import engine
from jobs.models import Job, Kind
from jobs.services import User, enqueue, enqueue_once


@dataclass(frozen=True)
class SetPlanInWords:
    """What would be done for each member, in order, and what is in the way of the whole."""

    members: list[Plan]
    conflicts: list[Conflict]

    @property
    def steps(self) -> list[str]:
        """All steps in one list, each with its container's name."""
        return [f"{plan.container_name}: {step}" for plan in self.members for step in plan.steps]


def request_stack_backup(stack: str, options: BackupOptions, user: User = None) -> Job:
    """Put the backup of a whole stack into the queue.

    Raise NotFound for a stack without containers, CannotBackUp where one of them could not be
    saved in this way: then none is.
    """
    with engine() as docker:
        found = members_of_stack(docker, stack)
    for inspect in found.inspects:
        hooks_of(inspect)
        if options.consistency == "stop" and inspect["State"]["Status"] in ALIVE:
            refuse_lost_by_stopping(Member.of(inspect))
    arguments = {"stack": stack, "members": found.names, "options": options.as_arguments()}
    return enqueue_once(Kind.STACK_BACKUP, stack, arguments, user)


def plan_set_restore(set_id: UUID | str, options: SetOptions) -> SetPlanInWords:
    """What a restore of the whole set would do and meet, without doing it."""
    with planned(find_set(set_id), options) as plan:
        return SetPlanInWords(plan.in_words(), plan.conflicts)


def request_set_restore(set_id: UUID | str, options: SetOptions, user: User = None) -> Job:
    """Put the restore of a whole set into the queue. Raise RestoreConflict if something is open."""
    found = find_set(set_id)
    with planned(found, options) as plan:
        plan.refuse_conflicts()
    if options.replaces:
        require("stack_restore.replace", found.stack)
    arguments = {
        "stack": found.stack,
        "set_id": str(found.set_id),
        "members": [backup.container_name for backup in found.backups],
        "filenames": [backup.filename for backup in found.backups],
        "missing": found.missing,
        "options": options.as_arguments(),
    }
    return enqueue(Kind.STACK_RESTORE, found.stack, arguments, user)


@contextmanager
def planned(found: BackupSet, options: SetOptions) -> Iterator[SetPlan]:
    """The plan of a set's restore; its archives are open while the block lasts."""
    with ExitStack() as opened, engine() as docker:
        archives = [
            opened.enter_context(ArchiveReader(archive_path(backup.filename)))
            for backup in found.backups
        ]
        yield plan_set(docker, archives, found.missing, options)

"""Checking many backups again: each check is a job of its own, as when it is asked for alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from backups.bulk.deleting import Failure
from backups.verification import request_verify
from containermonkey.problems import Problem
from jobs.services import User


@dataclass(frozen=True)
class Asked:
    """A check that is in the queue."""

    filename: str
    progress_id: UUID


@dataclass(frozen=True)
class Checks:
    """What will be checked, and what will not and why."""

    asked: list[Asked]
    failed: list[Failure]


def verify_each(filenames: Iterable[str], user: User = None) -> Checks:
    """Put the checks of these backups into the queue, in this order."""
    result = Checks([], [])
    for filename in dict.fromkeys(filenames):
        try:
            job = request_verify(filename, user)
        except Problem as problem:
            result.failed.append(Failure(filename, str(problem)))
        else:
            result.asked.append(Asked(filename, job.progress_id))
    return result

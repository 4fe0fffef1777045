"""Deleting many backups at once: each with its own result, and one that fails stops no other."""

from collections.abc import Iterable
from dataclasses import dataclass

from backups.models import Backup
from backups.services import delete_backup
from containermonkey.problems import Problem
from jobs.failures import sentence_of


@dataclass(frozen=True)
class Failure:
    filename: str
    error: str


@dataclass(frozen=True)
class Deletion:
    """The names of what is gone, and what is not gone and why."""

    deleted: list[str]
    failed: list[Failure]


def delete_all() -> Deletion:
    """Delete every backup there is."""
    return delete_each(Backup.objects.order_by("pk").values_list("filename", flat=True))


def delete_each(filenames: Iterable[str]) -> Deletion:
    """Delete these backups, but those that are being read."""
    result = Deletion([], [])
    for filename in dict.fromkeys(filenames):
        try:
            delete_backup(filename)
        except Problem as problem:
            result.failed.append(Failure(filename, str(problem)))
        except OSError as problem:
            result.failed.append(Failure(filename, sentence_of(problem)))
        else:
            result.deleted.append(filename)
    return result

"""Deleting files and folders of a volume."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accounts.audit import audited
from containermonkey.problems import Problem
from containermonkey.several import MOST, each_once
from volumes.files.places import Spot
from volumes.files.writing.guard import changes_in
from volumes.files.writing.names import split

MOST_COUNTED = 10_000
"""Entries of folders that are counted before they are deleted."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one of several; `error` is a sentence, None where it went well."""

    path: str
    success: bool
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be deleted: `inside` is how much a folder holds, None for all that is no folder.

    It is at most `MOST_COUNTED` for all that is chosen at once.
    """

    path: str
    inside: int | None


def delete_files(volume: str, paths: list[str]) -> list[Result]:
    """Delete files, links and folders with all that is in them; one that fails stops no other.

    Raise Invalid for none or more than `MOST`, and what forbids any change of the volume.
    """
    asked = {path: spot_of(path) for path in each_path_once(paths)}
    with changes_in(volume) as changes:
        outcomes = changes.delete([spot for spot in asked.values() if isinstance(spot, tuple)])
        return [
            result_of(volume, path, outcomes if isinstance(spot, tuple) else iter([spot]))
            for path, spot in asked.items()
        ]


def each_path_once(paths: list[str]) -> list[str]:
    return each_once(paths, field="paths", things="files or folders", most=MOST)


def spot_of(path: str) -> Spot | Problem:
    try:
        return split(path)
    except Problem as problem:
        return problem


def result_of(volume: str, path: str, outcomes: Iterator[Problem | None]) -> Result:
    """What comes of the next one, which is deleted by asking for it."""
    try:
        with audited("volume.delete_file", volume, path=path):
            if problem := next(outcomes):
                raise problem
    except Problem as problem:
        return Result(path, success=False, error=str(problem))
    return Result(path, success=True)


def chosen(volume: str, paths: Iterable[str]) -> list[Chosen]:
    """What is to be deleted, counted as far as `MOST_COUNTED`; nothing is changed.

    Raise NotFound for what is not there any more, and all that `delete_files` raises.
    """
    asked = each_path_once(list(paths))
    spots = [split(path) for path in asked]
    with changes_in(volume) as changes:
        counts = changes.count(spots, MOST_COUNTED)
    return [Chosen(path, inside) for path, inside in zip(asked, counts, strict=True)]

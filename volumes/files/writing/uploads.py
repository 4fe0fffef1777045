"""Files that are uploaded into a folder of a volume, written there as they arrive."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from accounts.audit import audited
from containermonkey.problems import Invalid, Problem
from containermonkey.uploads import IncomingFile, UploadBroken
from volumes.files.paths import inner
from volumes.files.places import Changes
from volumes.files.types import Entry
from volumes.files.writing.guard import changes_in, refuse_in_work
from volumes.files.writing.moving import may_replace
from volumes.files.writing.names import shown, usable


@dataclass(frozen=True)
class Outcome:
    """What came of one of several files: either it is in the folder, or there was a problem."""

    name: str
    problem: Problem | None

    @property
    def sentence(self) -> str:
        name = shown(self.name)
        return f"{name} was not uploaded. {self.problem}" if self.problem else f"Uploaded {name}"


@dataclass(frozen=True)
class Target:
    """The folder of a volume into which files go, and whether they may replace others."""

    volume: str
    changes: Changes
    path: str
    overwrite: bool


@contextmanager
def target_of(volume: str, path: str, *, overwrite: bool) -> Iterator[Target]:
    """Where files are to go, as long as the block lasts.

    Raise what forbids a change of the volume, Invalid or NotFound for what is no folder of it.
    """
    may_replace(overwrite, volume)
    within = inner(path)
    with changes_in(volume) as changes:
        changes.check_folder(within)
        yield Target(volume, changes, within, overwrite)


def upload_all(target: Target, files: Iterable[IncomingFile], announced: int = 0) -> list[Entry]:
    """Put the files of a form into a folder, up to the first that is refused.

    The problem of that one names those before it, which stay, in `uploaded`. `announced` is how
    many bytes are said to come. Raise Invalid for a form without files.
    """
    uploaded: list[Entry] = []
    try:
        for file in named(files):
            uploaded.append(upload(target, file.name, file, announced))
            announced = 0  # of what comes now, it is not known how much is left
    except Problem as problem:
        if uploaded:
            problem.details["uploaded"] = [entry.name for entry in uploaded]
        raise
    if not uploaded:
        raise Invalid("The form has no file in it.", fields={"file": "is missing"})
    return uploaded


def upload_each(
    target: Target, files: Iterable[IncomingFile], announced: int = 0
) -> Iterator[Outcome]:
    """Put the files of a form into a folder; one that is refused stops no other."""
    for file in named(files):
        try:
            upload(target, file.name, file, announced)
            yield Outcome(file.name, None)
        except UploadBroken:
            raise
        except Problem as problem:
            yield Outcome(file.name, problem)
        announced = 0


def named(files: Iterable[IncomingFile]) -> Iterator[IncomingFile]:
    """The files of a form without the empty one that a browser sends where none was chosen."""
    return (file for file in files if file.field == "file" and file.name)


def upload(target: Target, name: str, pieces: Iterable[bytes], announced: int = 0) -> Entry:
    """Write one file into a folder as it arrives; it has its name once all of it is on the disk.

    It belongs to the owner of the folder, and one that replaces another to the owner of that.
    Raise Conflict if the name is taken, NoSpace if the disk is full; then nothing is left of it.
    """
    details = {"path": target.path, "name": name, "overwrite": target.overwrite}
    with audited("volume.upload", target.volume, **details):
        return target.changes.upload(
            (target.path, usable(name, "file")),
            pieces,
            overwrite=target.overwrite,
            announced=announced,
            # A restore may have begun while it arrived.
            last_look=lambda: refuse_in_work(target.volume),
        )

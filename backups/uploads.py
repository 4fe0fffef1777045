"""Taking in archives that are uploaded: written as they arrive, checked whole, then listed."""

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from django.conf import settings
from django.utils import timezone

from accounts.audit import audited
from backups.adoption import adopt_original, already_listed, checked, one_at_a_time, saved
from backups.archive.partial import PartialFile
from backups.errors import NoSpaceForBackups, problems_of_the_disk
from backups.files import LONGEST_NAME, remove_left_behind, untaken
from backups.models import Backup, Origin
from backups.original import convert as original
from containermonkey.problems import Problem
from containermonkey.uploads import IncomingFile, UploadBroken, the_file

MARGIN = 256 << 20
"""Bytes that an upload leaves free on the disk, for the database and for running backups."""

LOOK_EVERY = 32 << 20
"""Bytes after which the free space is looked at again: others write to the same disk."""

checks = BoundedSemaphore(2)
"""Each check works on all processors, so more of them at once would only share these."""


@dataclass(frozen=True)
class Received:
    """A backup that was uploaded; `is_new` is false where the same archive was here before."""

    backup: Backup
    is_new: bool


@dataclass(frozen=True)
class Outcome:
    """What came of one of several files: either it was received, or there was a problem."""

    name: str
    received: Received | None
    problem: Problem | None

    @property
    def sentence(self) -> str:
        if self.received is None:
            return f"{self.name or 'The file'} was not taken in. {self.problem}"
        filename = self.received.backup.filename
        if self.received.is_new:
            return f"{filename} was checked and is listed."
        return f"{self.name} was here already, as {filename}."


def receive_only(files: Iterable[IncomingFile], announced: int = 0) -> Received:
    """Take in the one file of a form, which has to be in its field `file`."""
    file = the_file(files)
    return receive(file.name, file, announced)


def receive_each(files: Iterable[IncomingFile], announced: int = 0) -> Iterator[Outcome]:
    """Take in all files of a form; one that is refused stops no other."""
    for file in files:
        try:
            yield Outcome(file.name, receive(file.name, file, announced), None)
        except UploadBroken:
            raise
        except Problem as problem:
            yield Outcome(file.name, None, problem)
        announced = 0  # of what comes now, it is not known how much is left


def receive(name: str, pieces: Iterable[bytes], announced: int = 0) -> Received:
    """Write an archive down as it arrives, check the whole of it, and only then list it.

    `name` is what it is called where it comes from, `announced` how many bytes are said to come.
    Nothing is kept of a file that is not sound or does not arrive whole. Raise ArchiveProblem, or
    NoSpaceForBackups before the disk is full.
    """
    with audited("backup.upload", name) as details, problems_of_the_disk():
        remove_left_behind()
        refuse_without_space(announced)
        with new_file(name) as partial:
            for piece in watched(pieces):
                partial.write(piece)
            partial.sync()
            if original.recognises(partial.partial):
                received = converted(partial, name)
            else:
                received = listed(partial)
        details["filename"] = received.backup.filename
        return received


@contextmanager
def new_file(name: str) -> Iterator[PartialFile]:
    """A file under a name that is free, of which nothing stays unless it is committed."""
    partial = reserved(stem_of(name))
    try:
        yield partial
    finally:
        partial.discard()


def reserved(stem: str) -> PartialFile:
    while True:
        try:
            return PartialFile(Path(settings.BACKUP_DIR) / untaken(stem))
        except FileExistsError:  # somebody was quicker, and keeps what is theirs
            continue


def stem_of(name: str) -> str:
    """A file's name without its ending and without what a name here must not have."""
    stem = re.sub(r"(\.tar)?(\.t?gz)?$", "", name, flags=re.IGNORECASE)
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).lstrip("-._")
    return plain[:LONGEST_NAME] or "uploaded"


def watched(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces, as long as there is space for them."""
    since = 0
    for piece in pieces:
        yield piece
        since += len(piece)
        if since >= LOOK_EVERY:
            refuse_without_space(0)
            since = 0


def refuse_without_space(size: int) -> None:
    if shutil.disk_usage(settings.BACKUP_DIR).free - size < MARGIN:
        raise NoSpaceForBackups


def listed(partial: PartialFile) -> Received:
    """Check what was written, give it its name, and list it, unless the same is here already.

    A backup that is listed and whose file was lost has it back by that.
    """
    with checks:
        backup = checked(partial.partial)
    backup.filename, backup.origin = partial.path.name, Origin.UPLOADED
    with one_at_a_time():
        if known := already_listed(backup):
            return Received(known, is_new=False)
        if lost := already_listed(backup, "missing"):
            partial.path = partial.path.with_name(lost.filename)
        partial.commit()
        return Received(found_whole(lost) if lost else saved(backup), is_new=True)


def found_whole(lost: Backup) -> Backup:
    """The record of a backup that has its file back, all of which was checked on its way in."""
    lost.verified, lost.verified_at, lost.problem = True, timezone.now(), ""
    lost.save(update_fields=["verified", "verified_at", "problem"])
    return lost


def converted(partial: PartialFile, name: str) -> Received:
    """List what an archive of the original Container Monkey holds, as an archive of ours."""
    with checks:
        return Received(*adopt_original(partial.partial, name, Origin.UPLOADED))

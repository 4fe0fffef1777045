"""The job that backs a whole stack up: all members at one moment, listed together or not at all."""

import uuid
from collections.abc import Sized
from contextlib import ExitStack
from typing import Any

from django.db import transaction
from django.utils import timezone

from backups.archive.verify import VerifyReport
from backups.capture import CHECKING, READING, Capture, check, finish, left_out, listed, name_of
from backups.consistency import Member, held_still, members_of
from backups.files import new_archive
from backups.hooks import hooked
from backups.options import BackupOptions
from backups.retention.alarm import alarm_of
from backups.sets.members import StackMembers, members_of_stack
from backups.sources import sources_of
from engine import Docker, engine
from jobs.running import RunningJob

IMAGES_FROM = 60.0
"""The percentage at which the images begin, where they are saved too."""


def run_stack_backup(running: RunningJob) -> dict[str, Any]:
    """Save every member of a stack into an archive of its own, check them all, then list them."""
    options = BackupOptions(**running.arguments["options"])
    with engine() as docker, ExitStack() as opened:
        running.step("Looking at the containers of the stack")
        stack = members_of_stack(docker, running.arguments["stack"])
        together = Together(running, docker, stack, options, opened)
        together.read()
        together.save_images()
        finished = [
            finish(running, capture.archive, capture.warnings) for capture in together.captures
        ]
    found = []
    for each, span in zip(finished, shares(CHECKING, finished), strict=True):
        running.log(each.path.name)
        found.append(check(running, each, span))
    return record(running, stack, together, found)


class Together:
    """The members of a stack on their way into their archives, which are all open at once.

    So every member stands still until the last one has been read, and no longer: descriptions are
    written before, images afterwards.
    """

    def __init__(
        self,
        running: RunningJob,
        docker: Docker,
        stack: StackMembers,
        options: BackupOptions,
        opened: ExitStack,
    ) -> None:
        """Look at all members and describe them. Raise CannotBackUp if one cannot be saved."""
        self.running, self.options = running, options
        self.set_id = str(uuid.uuid4())
        looked = [
            sources_of(
                docker,
                inspect,
                include_bind_mounts=options.include_bind_mounts,
                job=running.label,
            )
            for inspect in stack.inspects
        ]
        everything = [source for sources, _ in looked for source in sources]
        self.held: list[Member] = members_of(
            docker, stack.inspects, everything, options.consistency
        )
        about = {
            "name": stack.name,
            "kind": stack.kind,
            "set_id": self.set_id,
            "members": stack.names,
        }
        created = timezone.now()
        running.start()
        self.captures: list[Capture] = []
        for inspect, (sources, skipped) in zip(stack.inspects, looked, strict=True):
            archive = opened.enter_context(new_archive(running.undo, name_of(inspect), created))
            capture = Capture(running, docker, archive, inspect, options, created, about)
            capture.describe(sources, skipped, self.held)
            self.captures.append(capture)

    def read(self) -> None:
        """Read every member's data while all of them stand still."""
        span = (READING[0], IMAGES_FROM if self.options.include_image else READING[1])
        with ExitStack() as around:
            for capture in self.captures:
                around.enter_context(hooked(self.running, capture.inspect, capture.warn))
            around.enter_context(
                held_still(self.running, self.held, self.options.consistency, self.warn)
            )
            for capture, share in zip(self.captures, shares(span, self.captures), strict=True):
                self.running.log(f"{name_of(capture.inspect)}:")
                capture.measure(share, 0)
                capture.read()

    def warn(self, sentence: str) -> None:
        """Say of all members what concerns each of them."""
        for capture in self.captures:
            capture.warn(sentence)

    def save_images(self) -> None:
        """Write the images, if they were asked for, when everything runs again."""
        span = (IMAGES_FROM, READING[1])
        for capture, share in zip(self.captures, shares(span, self.captures), strict=True):
            if capture.save_as:
                self.running.measure(capture.image_size, span=share)
                capture.save_image()


def shares(span: tuple[float, float], among: Sized) -> list[tuple[float, float]]:
    """A stretch of the job's percentage, in equal parts."""
    first, last = span
    width = (last - first) / len(among)
    return [(first + width * at, first + width * (at + 1)) for at in range(len(among))]


def record(
    running: RunningJob, stack: StackMembers, together: Together, found: list[VerifyReport]
) -> dict[str, Any]:
    """List all archives of the set, together with the end of the job's undo, or none."""
    said = [sentence for capture in together.captures for sentence in capture.warnings]
    went_wrong = list(dict.fromkeys(said))
    missing = [
        f"{name_of(capture.inspect)}, {sentence}"
        for capture in together.captures
        for sentence in left_out(capture)
    ]
    result: dict[str, Any] = {
        "stack": stack.name,
        "set_id": together.set_id,
        "filenames": [each.path.name for each in found],
        "size": sum(each.size for each in found),
        "warnings": [*missing, *went_wrong],
        "went_wrong": went_wrong,
    }
    with transaction.atomic():
        for capture, each in zip(together.captures, found, strict=True):
            if alarm := alarm_of(listed(capture, each)):
                result["warnings"].append(f"{name_of(capture.inspect)}: {alarm}")
        running.undo.commit(result, cleanup=[])
    return result

"""Cloning a volume: a new one with the same content."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from backups.archive.likeness import Likeness, Watcher, likeness
from backups.consistency import held_still
from backups.errors import CannotRestore
from backups.estimate import Estimate
from backups.options import BackupOptions, Consistency
from backups.transport import counted
from backups.volumes.sources import Subject, subject_of
from backups.ways import Ways
from containermonkey.problems import Invalid, Problem
from engine import Docker, engine
from engine.identity import OWN_PREFIX
from jobs.models import Job, Kind
from jobs.running import RunningJob
from jobs.services import User, enqueue
from volumes.creating import NewVolume, refuse_taken_name
from volumes.making import make_volume
from volumes.services import volume_is_empty

COPYING, COMPARING = (0.0, 60.0), (60.0, 100.0)

TOOLS = ("com.docker.", OWN_PREFIX)
"""With these begin labels by which tools know what is theirs; a clone is not."""


@dataclass(frozen=True)
class CloneOptions:
    """`consistency`: what happens meanwhile to the containers that use the volume.

    `keep_options` gives the clone the driver's options too, where that makes a place of its own.
    """

    new_name: str
    consistency: Consistency = "none"
    keep_options: bool = False

    def __post_init__(self) -> None:
        BackupOptions(consistency=self.consistency)
        try:
            NewVolume(self.new_name)
        except Invalid as problem:
            reason = problem.fields["name"]
            raise Invalid(f"The new name: {reason}.", fields={"new_name": reason}) from None


@dataclass(frozen=True)
class ClonePlan:
    """What cloning would do, found out beforehand. `can_keep_options` says whether it may."""

    subject: Subject
    new: NewVolume
    can_keep_options: bool
    notes: list[str] = field(default_factory=list)
    consistency: Consistency = "none"

    @property
    def steps(self) -> list[str]:
        """Everything in its order, as sentences."""
        names = ", ".join(member.name for member in self.subject.held)
        verb = {"pause": "Pause", "stop": "Stop"}.get(self.consistency)
        hold = [f"{verb} {names} while it is read."] if names else []
        return [
            f"Make the volume {self.new.name} with the driver {self.new.driver}.",
            *hold,
            f"Copy everything from {self.subject.name}, with owners, modes and times.",
            "Compare both; where they differ, or anything fails, the new volume is removed.",
            *self.notes,
        ]


def plan_clone(name: str, options: CloneOptions) -> ClonePlan:
    """What cloning a volume would do, without doing it.

    Raise what `subject_of` raises, and Conflict where the new name is taken.
    """
    with engine() as docker:
        return plan_with(docker, name, options, str(uuid4()))


def plan_with(docker: Docker, name: str, options: CloneOptions, job: str) -> ClonePlan:
    subject = subject_of(docker, name, options.consistency, job)
    refuse_taken_new_name(docker, options.new_name)
    volume, driver_options = subject.volume, subject.volume.get("Options") or {}
    can_keep = bool(driver_options) and not stands_for_a_place(volume)
    labels = volume.get("Labels") or {}
    new = NewVolume(
        name=options.new_name,
        driver=volume.get("Driver") or "local",
        options=driver_options if can_keep and options.keep_options else {},
        labels={key: value for key, value in labels.items() if not key.startswith(TOOLS)},
    )
    notes = list(notes_on(subject, new, driver_options))
    return ClonePlan(subject, new, can_keep, notes, options.consistency)


def refuse_taken_new_name(docker: Docker, name: str) -> None:
    try:
        refuse_taken_name(docker, name)
    except Problem as problem:
        problem.fields = {"new_name": problem.fields["name"]}
        raise


def stands_for_a_place(volume: dict[str, Any]) -> bool:
    """Whether another volume with the same options would be the same folder, disk or share."""
    options = volume.get("Options") or {}
    is_local = (volume.get("Driver") or "local") == "local"
    return is_local and ("device" in options or "type" in options)


def notes_on(subject: Subject, new: NewVolume, options: dict[str, str]) -> Iterator[str]:
    """What the clone has not of the volume that it is of."""
    if stands_for_a_place(subject.volume):
        place = options.get("device") or options.get("type")
        yield (
            f"{subject.name} stands for {place}, of which there is only one: the clone is a "
            "plain volume with its content."
        )
    elif options and not new.options:
        yield f"The driver’s options ({', '.join(sorted(options))}) are not taken over."
    if set(subject.volume.get("Labels") or {}) - set(new.labels):
        yield "Labels by which Docker’s tools know their own volumes are not taken over."


def request_clone(name: str, options: CloneOptions, user: User = None) -> Job:
    """Put the cloning of a volume into the queue. Raise what `plan_clone` raises."""
    plan = plan_clone(name, options)
    return enqueue(
        Kind.VOLUME_CLONE, plan.subject.name, {"volume": plan.subject.name} | asdict(options), user
    )


def run_clone(running: RunningJob) -> dict[str, Any]:
    """Look, make the new volume, copy, compare, and only then let it stay."""
    arguments = dict(running.arguments)
    name = arguments.pop("volume")
    with engine() as docker:
        running.step("Looking at the volume")
        plan = plan_with(docker, name, CloneOptions(**arguments), running.label)
        running.start()
        clone = Clone(running, docker, plan)
        clone.make()
        clone.compare(clone.copy())
        result = {"volume": plan.new.name, "report": [*plan.notes, *clone.report]}
        running.undo.commit(result, cleanup=[])
        return result


class Clone:
    """One volume on its way into another. The new one goes again unless all of it got through."""

    def __init__(self, running: RunningJob, docker: Docker, plan: ClonePlan) -> None:
        self.running, self.docker, self.plan = running, docker, plan
        self.ways = Ways(docker, running, self.note)
        self.report: list[str] = []
        source = plan.subject.source
        self.key = source.key
        self.old = source.as_mount(read_only=True)
        # At the same place as the old one, so that what is read needs no other names.
        self.new = self.old | {"Source": plan.new.name, "ReadOnly": False}

    def note(self, sentence: str) -> None:
        self.report.append(sentence)
        self.running.log(sentence)

    def make(self) -> None:
        """Make the new volume. Raise CannotRestore where that is not empty."""
        self.running.step(f"Creating the volume {self.plan.new.name}")
        make_volume(self.running.undo, self.docker, self.plan.new.as_body(), self.running.label)
        if not volume_is_empty(self.docker, self.plan.new.name, self.running.label):
            raise CannotRestore(
                f"The volume {self.plan.new.name}, made with the same options, holds data "
                "already: it stands for a place elsewhere. Clone it without its options."
            )

    def copy(self) -> Likeness:
        """Copy everything while the containers are kept still; what it was."""
        source = self.plan.subject.source
        reading, filling = self.ways.best(self.old), self.ways.best(self.new)
        watcher, estimate = Watcher(self.key), Estimate(self.running)
        self.running.measure(None, span=COPYING)
        with held_still(self.running, self.plan.subject.held, self.plan.consistency, self.note):
            self.running.step(f"Copying the {source.title}")
            estimate.begin("", [source], 0)
            with engine(), reading.reading(self.old, self.running.label) as blocks:
                passing = watcher.watched(estimate.counted(blocks))
                filling.fill(self.new, passing, self.running.label)
        return watcher.seen

    def compare(self, copied: Likeness) -> None:
        """Read the new volume. Raise CannotRestore if that is not what was copied."""
        self.running.step(f"Comparing the volume {self.plan.new.name} with what was read")
        self.running.measure(self.running.job.bytes_done, span=COMPARING)
        mount = self.new | {"ReadOnly": True}
        with self.ways.best(mount).reading(mount, self.running.label) as blocks:
            found = likeness(self.key, counted(blocks, self.running))
        if found != copied:
            raise CannotRestore(
                f"What is in the volume {self.plan.new.name} is not what was read, so it was "
                "not kept."
            )

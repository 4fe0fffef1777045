"""The job that tries a backup out: everything is brought up beside the world, and removed again."""

import time
from typing import Any

from django.utils import timezone

from backups.archive.extract import subtree
from backups.archive.likeness import likeness
from backups.archive.reader import ArchiveReader
from backups.contents import located
from backups.errors import CannotRestore
from backups.files import archive_path
from backups.models import Backup
from backups.models import Kind as BackupKind
from backups.planning import VolumePlan
from backups.planning.rehearsal import RehearsalPlan
from backups.planning.rehearsal import plan_rehearsal as make_plan
from backups.restore import Restore
from backups.services import find_backup
from backups.transport import counted
from backups.types import Plan
from backups.verification import check_again
from containermonkey import figures
from containermonkey.problems import Conflict, EngineUnreachable, NoSpace, Problem
from containermonkey.storable import storable
from containers import acts
from containers.errors import DidNotStart
from containers.recreate import create_container
from containers.starting import has_healthcheck, wait_until_up
from engine import engine
from engine.helpers import remove_helpers
from engine.streams import write_archive
from jobs.models import Job, Kind
from jobs.registry import undo_action
from jobs.running import RunningJob
from jobs.services import User, enqueue

CHECKING, COMPARING = (0.0, 20.0), (95.0, 99.0)

STAY_UP_SECONDS = 10.0
"""How long a container without a healthcheck has to go on running to count as up."""

REMOVE = "backups.remove_rehearsed"


def plan_rehearsal(filename: str) -> Plan:
    """What a rehearsal would do and meet, without doing it."""
    backup = rehearsable(filename)
    with ArchiveReader(archive_path(backup.filename)) as archive, engine() as docker:
        return make_plan(docker, archive).in_words()


def request_rehearsal(filename: str, user: User = None) -> Job:
    """Put a rehearsal into the queue. Raise RestoreConflict where its image cannot be had."""
    backup = rehearsable(filename)
    with ArchiveReader(archive_path(backup.filename)) as archive, engine() as docker:
        make_plan(docker, archive).refuse_conflicts()
    return enqueue(Kind.REHEARSAL, backup.container_name, {"filename": backup.filename}, user)


def rehearsable(filename: str) -> Backup:
    """The record of a container's backup. Raise NotFound, or Conflict for one of anything else."""
    backup = find_backup(filename)
    if backup.kind != BackupKind.CONTAINER:
        raise Conflict("Only the backup of a container can be rehearsed.")
    return backup


def run_rehearsal(running: RunningJob) -> dict[str, Any]:
    """Check the archive, bring its container up where nothing can happen, and write down how it
    went.

    Nothing is committed: the job's undo removes everything in any case.
    """
    backup = rehearsable(running.arguments["filename"])
    check_again(running, backup, span=CHECKING)
    record = Backup.objects.filter(pk=backup.pk)
    try:
        result = rehearse(running, backup)
    except (EngineUnreachable, NoSpace):
        raise  # which says nothing of the backup
    except Problem as problem:
        record.update(rehearsal_problem=storable(str(problem)))
        raise
    record.update(proved_at=timezone.now(), proof=result["proof"], rehearsal_problem="")
    running.step("Removing everything again")
    return result


def rehearse(running: RunningJob, backup: Backup) -> dict[str, Any]:
    """Bring a backup's container up; what came of it."""
    with ArchiveReader(archive_path(backup.filename)) as archive, engine() as docker:
        plan = make_plan(docker, archive, running.label)
        plan.refuse_conflicts()
        running.start()
        return Rehearsal(running, docker, archive, plan).run()


class Rehearsal(Restore):
    """One archive brought up by the ways of a restore, with everything in it new."""

    plan: RehearsalPlan

    def run(self) -> dict[str, Any]:
        """Everything in order; what it answers is what the record says."""
        self.bring_image()
        self.make_networks()
        self.make_volumes()
        self.measure_content()
        self.fill(act="create")
        self.compare_content()
        container_id = self.make_container()
        self.put_files_in(container_id)
        return self.told(self.bring_up(container_id))

    def compare_content(self) -> None:
        """Read what was filled in once more. Raise CannotRestore if it is not what was saved."""
        self.running.measure(self.running.job.bytes_total, span=COMPARING)
        for volume in self.volumes:
            self.running.step(f"Comparing {volume.title} with the archive")
            if self.likeness_of(volume) != likeness(
                volume.key, self.archive.tree_stream(volume.key)
            ):
                raise CannotRestore(
                    f"What was filled into {volume.title} is not what the backup holds."
                )

    def likeness_of(self, volume: VolumePlan) -> Any:
        mount = self.mount_of(volume) | {"ReadOnly": True}
        with self.ways.best(mount).reading(mount, self.running.label) as blocks:
            return likeness(volume.key, counted(blocks, self.running))

    def make_container(self) -> str:
        """Make the container, without starting it; its id."""
        self.running.step(f"Creating the container {self.plan.name}")
        self.undo.write(REMOVE, job=self.running.label)
        return create_container(self.docker, self.plan.body, self.plan.endpoints, self.plan.name)

    def put_files_in(self, container_id: str) -> None:
        """Put the files in that are mounted singly: a volume cannot be one."""
        for source in self.plan.files:
            for destination in source["destinations"]:
                self.running.step(f"Putting {destination} into it")
                file = located(self.archive, source["key"], "/")
                name = destination.lstrip("/").encode()
                tar = subtree(self.archive, source["key"], file, name)
                write_archive(self.docker, container_id, "/", tar)

    def bring_up(self, container_id: str) -> str:
        """Start the container and wait until it is up; how that went. Raise DidNotStart."""
        self.running.step(f"Starting {self.plan.name}")
        began = time.monotonic()
        acts.start_container(container_id)
        self.running.step("Waiting until it is up")
        try:
            wait_until_up(
                self.docker,
                container_id,
                on_wait=self.running.check,
                may_end=self.plan.may_end,
                settle_seconds=STAY_UP_SECONDS,
            )
        except DidNotStart as problem:
            for line in problem.last_lines:
                self.running.log(f"It wrote: {line}")
            raise
        took = figures.duration(time.monotonic() - began)
        inspect = self.docker.inspect_container(container_id)
        if not inspect["State"]["Running"]:
            return "It did its work and ended with exit code 0."
        if has_healthcheck(inspect):
            return f"It was healthy after {took}."
        return f"It stayed up for {took}."

    def told(self, proof: str) -> dict[str, Any]:
        """What the job's page and the record say."""
        filled = f"{figures.size(self.plan.size)} in {figures.counted(len(self.volumes), 'volume')}"
        same = f"{filled} were filled in; names, owners, modes and sizes are as they were saved."
        report = [proof, same, *self.plan.notes, *self.notes]
        for sentence in report:
            self.running.log(sentence)
        return {
            "filename": self.running.arguments["filename"],
            "proof": proof,
            "report": report,
        }


@undo_action(REMOVE, holds_up=True)
def remove_rehearsed(job: str) -> None:
    """Remove the container of a rehearsal, and the volumes that it declares by itself."""
    with engine() as docker:
        remove_helpers(docker, job)

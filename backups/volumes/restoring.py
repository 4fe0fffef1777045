"""Bringing the volume of a backup back: planned, and done by the steps of a restore."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

from accounts.audit import require
from backups import manifest as manifests
from backups.archive.reader import ArchiveReader
from backups.files import archive_path
from backups.options import RestoreOptions
from backups.planning.ground import Ground, Others
from backups.planning.plan import RestorePlan
from backups.planning.volumes import volume_plan
from backups.restore import Restore, check_whole
from backups.services import find_backup
from backups.types import Plan
from containermonkey.problems import Invalid
from engine import Docker, engine
from jobs.models import Job, Kind
from jobs.running import RunningJob
from jobs.services import User, enqueue
from volumes.creating import NAME, NAME_RULE
from volumes.protected import OwnData

STEPS = {
    "create": "Create {title} with its driver, options and labels, and fill it from the backup.",
    "overwrite": "Replace the content of {title} by that of the backup; the present content is "
    "kept until all of it is there.",
    "open": "Replace the content of {title}, or take another name, as you choose.",
    "keep": "Keep the present content of {title}; that of the backup is not used.",
}


class VolumeRestorePlan(RestorePlan):
    """The plan for one volume, without any container."""

    def _steps(self) -> Iterator[str]:
        for volume in self.volumes:
            if volume.new and volume.act != "create":
                yield f"Create {volume.title} as it was."
            yield STEPS[volume.act].format(title=volume.title)
        yield from self.notes


def plan_with(
    docker: Docker, archive: ArchiveReader, options: RestoreOptions, job: str
) -> VolumeRestorePlan:
    """The plan for bringing an archive's volume back on this Engine; nothing is touched.

    Raise Invalid for a name that no volume can have.
    """
    manifest = manifests.checked_volume(archive.manifest)
    source = manifest["sources"][0]
    if options.new_name:
        refuse_bad_name(options.new_name)
        source = source | {"name": options.new_name, "anonymous": False}
    if options.on_conflict == "replace":
        options = replace(options, overwrite_volumes=True)
    ground = Ground(
        docker=docker,
        archive=archive,
        options=options,
        job=job,
        manifest=manifest,
        inspect={},
        networks=[],
        containers=docker.list_containers(),
        own=OwnData.of(docker),
        others=Others(),
    )
    volume = volume_plan(ground, source)
    return VolumeRestorePlan(
        name=volume.name,
        start=False,
        pause=False,
        overwrite_volumes=options.overwrite_volumes,
        volumes=[volume],
        # Whatever is chosen here is chosen as what happens with a name that is taken.
        conflicts=[
            replace(each, answer="on_conflict" if each.answer else "") for each in ground.conflicts
        ],
        data_only=True,
    )


def refuse_bad_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise Invalid(f"The new name: {NAME_RULE}.", fields={"new_name": NAME_RULE})


def plan_volume_restore(filename: str, options: RestoreOptions) -> Plan:
    """What a restore would do and meet, without doing it."""
    return look_ahead(filename, options).in_words()


def look_ahead(filename: str, options: RestoreOptions) -> VolumeRestorePlan:
    find_backup(filename)
    with ArchiveReader(archive_path(filename)) as archive, engine() as docker:
        return plan_with(docker, archive, options, str(uuid4()))


def request_volume_restore(filename: str, options: RestoreOptions, user: User = None) -> Job:
    """Put a restore into the queue. Raise RestoreConflict if the options leave something open."""
    plan = look_ahead(filename, options)
    plan.refuse_conflicts()
    if options.replaces:
        require("restore.replace", plan.name)
    arguments = {"filename": filename, "volume": plan.name, "options": options.as_arguments()}
    return enqueue(Kind.RESTORE, plan.name, arguments, user)


def run_volume_restore(running: RunningJob) -> dict[str, Any]:
    """Check the archive, plan, bring the volume back, and only then remove what it replaced."""
    options = RestoreOptions(**running.arguments["options"])
    filename = running.arguments["filename"]
    check_whole(running, [filename])
    with ArchiveReader(archive_path(filename)) as archive, engine() as docker:
        running.step("Looking at what is there")
        plan = plan_with(docker, archive, options, running.label)
        plan.refuse_conflicts()
        running.start()
        return VolumeRestore(running, docker, archive, plan).run()


class VolumeRestore(Restore):
    """One volume on its way back, by the steps of a container's restore."""

    def run(self) -> dict[str, Any]:
        """Everything in order; what was there stays until all of it is back."""
        self.make_volumes()
        self.measure_content()
        self.fill(act="create")
        self.fill(act="overwrite")
        self.refuse_lost_volumes()
        return self.let_stay()

    def let_stay(self) -> dict[str, Any]:
        """Let go of what was kept in case of failure."""
        result = {
            "volume": self.plan.name,
            "filename": self.running.arguments["filename"],
            "report": [*self.plan.notes, *self.notes],
        }
        self.undo.commit(result, self.cleanup)
        return result

"""The job that backs a volume up by itself."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from backups import manifest as manifests
from backups.archive.verify import VerifyReport
from backups.archive.writer import ArchiveWriter
from backups.capture import READING, Capture, check, finish
from backups.consistency import held_still
from backups.files import new_archive
from backups.options import BackupOptions
from backups.volumes.manifest import build, filename_stem, record_of_volume
from backups.volumes.readme import readme
from backups.volumes.sources import Subject, subject_of
from engine import Docker, engine
from jobs.models import Job, Kind
from jobs.running import RunningJob
from jobs.services import User, enqueue_once


def offer_of_volume(name: str) -> Subject:
    """The volume that would be saved, and who uses it. Raise what `subject_of` raises."""
    with engine() as docker:
        return subject_of(docker, name, "none", str(uuid4()))


def request_volume_backup(name: str, options: BackupOptions, user: User = None) -> Job:
    """Put the backup of a volume into the queue; of the options, the consistency counts.

    Raise NotFound, NotAllowed for our own, or CannotBackUp where it may not be read so.
    """
    with engine() as docker:
        subject = subject_of(docker, name, options.consistency, str(uuid4()))
    arguments = {"volume": subject.name, "options": options.as_arguments()}
    return enqueue_once(Kind.BACKUP, subject.name, arguments, user)


def run_volume_backup(running: RunningJob) -> dict[str, Any]:
    """Save a volume into an archive, check the archive, and only then list it."""
    options = BackupOptions(**running.arguments["options"])
    with engine() as docker:
        running.step("Looking at the volume")
        name = running.arguments["volume"]
        subject = subject_of(docker, name, options.consistency, running.label)
        created = timezone.now()
        running.start()
        with new_archive(running.undo, filename_stem(subject.name), created) as archive:
            capture = VolumeCapture(running, docker, archive, subject, options, created)
            capture.write_volume()
            finished = finish(running, archive, capture.warnings)
    return listed(running, capture, check(running, finished))


class VolumeCapture(Capture):
    """One volume on its way into one archive."""

    def __init__(
        self,
        running: RunningJob,
        docker: Docker,
        archive: ArchiveWriter,
        subject: Subject,
        options: BackupOptions,
        created: datetime,
    ) -> None:
        super().__init__(running, docker, archive, {}, options, created)
        self.subject = subject
        self.sources = [subject.source]

    def write_volume(self) -> None:
        """Write everything but the archive's end; those that use it stand still meanwhile."""
        self.choose_ways()
        self.describe_volume()
        self.running.measure(None, span=READING)
        self.estimate.begin("", self.sources, 0)
        consistency = self.options.consistency
        with held_still(self.running, self.subject.held, consistency, self.warn):
            self.read()

    def describe_volume(self) -> None:
        way = self.transports[self.subject.source.key].name
        self.manifest = build(
            self.docker, self.subject, self.options.consistency, way, self.created
        )
        self.add("manifest.json", manifests.as_bytes(self.manifest))
        self.add("README.txt", readme(self.manifest, self.archive.path.name).encode())


def listed(running: RunningJob, capture: VolumeCapture, found: VerifyReport) -> dict[str, Any]:
    """List the backup; together with the end of the job's undo, or not at all."""
    result = {
        "filename": found.path.name,
        "size": found.size,
        "warnings": capture.warnings,
        "went_wrong": capture.warnings,
    }
    backup = record_of_volume(capture.manifest, *capture.sizes[capture.subject.source.key])
    backup.filename, backup.size, backup.sha256 = found.path.name, found.size, found.sha256
    with transaction.atomic():
        backup.save()
        running.undo.commit(result, cleanup=[])
    return result

"""The job that makes a backup."""

import threading
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backups import manifest as manifests
from backups.archive.verify import verify
from backups.archive.writer import ArchiveWriter, FinishedArchive
from backups.consistency import held_still
from backups.errors import CannotBackUp
from backups.files import REMOVE_UNFINISHED, free_filename
from backups.models import Backup
from backups.options import BackupOptions
from backups.readme import readme
from backups.records import metadata_of
from backups.sources import Skipped, Source, refuse_ourselves, sources_of
from backups.transport import EngineTransport, Transport
from containermonkey.problems import NotFound, Problem
from containers.compose import compose_yaml
from engine import Docker, engine
from engine.streams import read_image
from jobs.running import RunningJob
from networks.services import BUILT_IN

READING, CHECKING = (0.0, 85.0), (85.0, 100.0)


def run_backup(running: RunningJob) -> dict[str, Any]:
    """Save a container into an archive, check the archive, and only then list it."""
    options = BackupOptions(**running.arguments["options"])
    with engine() as docker:
        running.step("Looking at the container")
        inspect = find_again(docker, running.arguments)
        refuse_ourselves(inspect)
        sources, skipped = sources_of(
            docker,
            inspect,
            include_bind_mounts=options.include_bind_mounts,
            job=running.label,
        )
        created = timezone.now()
        path = reserve(running, inspect, created)
        running.start()
        with ArchiveWriter(path) as archive:
            capture = Capture(running, docker, archive, inspect, options, created)
            capture.write(sources, skipped)
            running.step("Finishing the archive")
            finished = archive.finish({})
    check(running, finished)
    return record(running, capture, finished)


def find_again(docker: Docker, arguments: dict[str, Any]) -> dict[str, Any]:
    """The container that was asked for; by its name where it was recreated since."""
    try:
        with engine():
            return docker.find_container(arguments["container"])
    except NotFound:
        return docker.find_container(arguments["name"])


def reserve(running: RunningJob, inspect: dict[str, Any], created: datetime) -> Path:
    """A free name for the archive, of which nothing stays behind unless the job gets through."""
    filename = free_filename(inspect["Name"].removeprefix("/"), created)
    running.undo.write(REMOVE_UNFINISHED, filename=filename)
    return Path(settings.BACKUP_DIR) / filename


class Capture:
    """One container on its way into one archive."""

    def __init__(
        self,
        running: RunningJob,
        docker: Docker,
        archive: ArchiveWriter,
        inspect: dict[str, Any],
        options: BackupOptions,
        created: datetime,
    ) -> None:
        self.running = running
        self.docker = docker
        self.archive = archive
        self.inspect = inspect
        self.options = options
        self.created = created
        self.transport: Transport = EngineTransport(docker)
        self.manifest: dict[str, Any] = {}
        self.sizes: dict[str, tuple[int, int]] = {}

    def write(self, sources: list[Source], skipped: list[Skipped]) -> None:
        """Write everything but the archive's end."""
        self.running.measure(None, span=READING)
        self.expect_about(sources)
        image = self.docker.find_image(self.inspect["Image"])
        if image is None and self.options.include_image:
            raise CannotBackUp("The container's image is not on the host any more.")
        consistency = self.options.consistency
        with held_still(self.running, self.docker, self.inspect, sources, consistency) as held:
            self.write_description(sources, skipped, image or {}, held)
            for source in sources:
                self.write_source(source)
        if image and self.options.include_image:
            self.write_image(image)

    def write_description(
        self,
        sources: list[Source],
        skipped: list[Skipped],
        image: dict[str, Any],
        held: list[str],
    ) -> None:
        """Write what the archive is, and the container and its networks as the Engine has them."""
        self.manifest = manifests.build(
            docker=self.docker,
            inspect=self.inspect,
            image=image,
            options=self.options,
            transport=self.transport.name,
            held=held,
            sources=sources,
            skipped=skipped,
            created=self.created,
        )
        networks = networks_of(self.docker, self.inspect)
        compose = compose_yaml(self.inspect, networks, image.get("Config"))
        text = readme(self.manifest, self.archive.path.name)
        self.add("manifest.json", manifests.as_bytes(self.manifest))
        self.add("container.json", manifests.as_bytes(self.inspect))
        self.add("networks.json", manifests.as_bytes(networks))
        self.add("README.txt", text.encode())
        self.add("compose.yaml", compose.encode())

    def add(self, name: str, content: bytes) -> None:
        self.archive.add_file(f"backup/{name}", content, mtime=int(self.created.timestamp()))

    def write_source(self, source: Source) -> None:
        """Write the content of one volume or folder. Raise CannotBackUp if it cannot be read."""
        self.running.step(f"Reading {source.title}")
        mount = source.as_mount(read_only=True)
        try:
            with (
                engine(),
                self.transport.reading(mount, self.running.label) as blocks,
            ):
                summary = self.archive.add_tree(source.key, counted(blocks, self.running))
        except Problem as problem:
            raise type(problem)(f"The {source.title} could not be read. {problem}") from problem
        self.sizes[source.key] = (summary.content_size, summary.files)

    def write_image(self, image: dict[str, Any]) -> None:
        """Write the image as `docker save` gives it, with its tag if that still means it."""
        self.running.step("Reading the image")
        reference = self.inspect["Config"]["Image"]
        tagged = self.docker.find_image(reference)
        name = reference if tagged and tagged["Id"] == image["Id"] else image["Id"]
        blocks = counted(read_image(self.docker, name), self.running)
        self.archive.add_stream_tree("image", blocks)

    def expect_about(self, sources: list[Source]) -> None:
        """Tell how many bytes there will be: those of the last backup, else the Engine's count.

        The Engine walks every volume for its count, so it is asked beside the work.
        """
        names = {source.name for source in sources}
        previous = Backup.objects.filter(
            container_name=self.inspect["Name"].removeprefix("/")
        ).first()
        if previous:
            known = [item for item in previous.metadata["volumes"] if item["name"] in names]
            if len(known) == len(sources):
                self.running.expect(sum(item["size"] for item in known))
                return
        if sources and not self.options.include_image:
            threading.Thread(target=self.count_in_engine, args=(names,), daemon=True).start()

    def count_in_engine(self, names: set[str]) -> None:
        """Ask the Engine for the volumes' sizes; without an answer the total stays unknown."""
        try:
            with engine() as docker:
                volumes = docker.df().get("Volumes") or []
        except Problem:
            return
        sizes = {item["Name"]: (item.get("UsageData") or {}).get("Size", -1) for item in volumes}
        if names <= sizes.keys() and all(sizes[name] >= 0 for name in names):
            self.running.expect(sum(sizes[name] for name in names))


def networks_of(docker: Docker, inspect: dict[str, Any]) -> list[dict[str, Any]]:
    """The inspect of every network that a container is on, but those every host has."""
    names = inspect["NetworkSettings"]["Networks"] or {}
    found = (docker.find_network(name) for name in names if name not in BUILT_IN)
    return [network for network in found if network is not None]


def counted(blocks: Iterable[Any], running: RunningJob) -> Iterator[Any]:
    """The blocks as they are, reported to the job as they pass."""
    for block in blocks:
        running.advance(len(block))
        yield block


def check(running: RunningJob, finished: FinishedArchive) -> None:
    """Read the whole archive back from the disk. Raise DamagedArchive if it is not as written."""
    running.step("Checking the archive")
    running.measure(finished.size, span=CHECKING)
    verify(finished.path, on_bytes=running.advance, expected_sha256=finished.sha256)


def record(running: RunningJob, capture: Capture, finished: FinishedArchive) -> dict[str, Any]:
    """List the backup; together with the end of the job's undo, or not at all."""
    result = {
        "filename": finished.path.name,
        "size": finished.size,
        "warnings": [
            f"{item['destination']}: {item['reason']}" for item in capture.manifest["skipped"]
        ],
    }
    with transaction.atomic():
        Backup.objects.create(
            filename=finished.path.name,
            container_name=capture.manifest["container"]["name"],
            container_id=capture.inspect["Id"],
            image=capture.manifest["image"]["reference"],
            size=finished.size,
            created=capture.created,
            sha256=finished.sha256,
            verified=True,
            verified_at=timezone.now(),
            metadata=metadata_of(capture.manifest, capture.inspect, capture.sizes),
        )
        running.undo.commit(result, cleanup=[])
    return result

"""The job that makes a backup."""

from contextlib import ExitStack, suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from backups import manifest as manifests
from backups.archive.errors import DamagedStream
from backups.archive.verify import VerifyReport, verify
from backups.archive.writer import ArchiveWriter, FinishedArchive
from backups.consistency import Member, held_still, members_of
from backups.errors import CannotBackUp
from backups.estimate import Estimate
from backups.files import new_archive
from backups.hooks import hooked
from backups.models import Backup, Schedule
from backups.options import BackupOptions
from backups.readme import readme
from backups.records import metadata_of
from backups.retention.alarm import alarm_of, usual_size
from backups.retention.prune import prune_after
from backups.schedules.running import KEEPS_ALL
from backups.sources import Skipped, Source, refuse_ourselves, sources_of
from backups.transport import Transport
from backups.ways import Ways
from containermonkey.problems import NotFound, Problem
from containers.acts import container_named
from containers.compose import compose_yaml
from engine import Docker, engine
from engine.streams import Stream, read_image
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
        members = members_of(docker, [inspect], sources, options.consistency)
        created = timezone.now()
        running.start()
        with new_archive(running.undo, name_of(inspect), created) as archive:
            capture = Capture(running, docker, archive, inspect, options, created)
            capture.write(sources, skipped, members)
            finished = finish(running, archive, capture.warnings)
    return record(running, capture, check(running, finished))


def find_again(docker: Docker, arguments: dict[str, Any]) -> dict[str, Any]:
    """The container that was asked for; by its name where it was recreated since.

    Raise NotFound if it is gone.
    """
    try:
        with engine():
            return docker.find_container(arguments["container"])
    except NotFound:
        inspect = container_named(arguments["name"])
    if inspect is None:
        raise NotFound(f"The container {arguments['name']} was removed before its backup began.")
    return inspect


def name_of(inspect: dict[str, Any]) -> str:
    return str(inspect["Name"]).removeprefix("/")


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
        stack: dict[str, Any] | None = None,
    ) -> None:
        self.running = running
        self.docker = docker
        self.archive = archive
        self.inspect = inspect
        self.options = options
        self.created = created
        self.stack = stack
        self.ways = Ways(docker, running, self.note)
        self.transports: dict[str, Transport] = {}
        self.at = ""
        self.estimate = Estimate(running)
        self.manifest: dict[str, Any] = {}
        self.sizes: dict[str, tuple[int, int]] = {}
        self.warnings: list[str] = []
        self.sources: list[Source] = []
        self.save_as: str | None = None
        self.image_size = 0

    def write(self, sources: list[Source], skipped: list[Skipped], members: list[Member]) -> None:
        """Write everything but the archive's end; the members stand still while data is read."""
        self.describe(sources, skipped, members)
        self.measure(READING, self.image_size)
        with (
            hooked(self.running, self.inspect, self.warn),
            held_still(self.running, members, self.options.consistency, self.warn),
        ):
            self.read()
        self.save_image()

    def describe(
        self, sources: list[Source], skipped: list[Skipped], members: list[Member]
    ) -> None:
        """Write what the archive is, and find out what is to be read into it."""
        image = self.docker.find_image(self.inspect["Image"]) or {}
        self.save_as = self.image_to_save(image)
        self.image_size = image.get("Size", 0) if self.save_as else 0
        self.sources = sources
        self.choose_ways()
        self.write_description(image, skipped, members)

    def measure(self, span: tuple[float, float], image_size: int) -> None:
        """Count from here on what is read, against what there should be."""
        self.running.measure(None, span=span)
        self.estimate.begin(name_of(self.inspect), self.sources, image_size)

    def read(self) -> None:
        """Write the content of every volume and folder."""
        for source in self.sources:
            self.write_source(source)

    def save_image(self) -> None:
        """Write the image, if it was asked for."""
        if self.save_as:
            self.write_image(self.save_as)

    def warn(self, sentence: str) -> None:
        """Say what did not go as it should, in the job's log and with its result."""
        self.warnings.append(sentence)
        self.running.log(f"Warning: {sentence}")

    def note(self, sentence: str) -> None:
        """Warn of what was found while one of the sources was read."""
        self.warn(f"{self.at}: {sentence}")

    def choose_ways(self) -> None:
        """Settle how each source is read; the manifest, which comes first, tells it."""
        for source in self.sources:
            self.transports[source.key] = self.ways.best(source.as_mount(read_only=True))

    def image_to_save(self, image: dict[str, Any]) -> str | None:
        """What to call the image that is saved: its tag if that still means it, else its id.

        None where it was not asked for. Raise CannotBackUp if the host does not have it.
        """
        if not self.options.include_image:
            return None
        if not image:
            raise CannotBackUp(
                "The image that the container was made from is not on the host any more. "
                "The container can be backed up without it."
            )
        reference = self.inspect["Config"]["Image"]
        tagged = self.docker.find_image(reference)
        return str(reference if tagged and tagged["Id"] == image["Id"] else image["Id"])

    def write_description(
        self, image: dict[str, Any], skipped: list[Skipped], members: list[Member]
    ) -> None:
        """Write what the archive is, and the container and its networks as the Engine has them."""
        self.manifest = manifests.build(
            docker=self.docker,
            inspect=self.inspect,
            image=image,
            save_as=self.save_as,
            consistency=self.options.consistency,
            transports={key: way.name for key, way in self.transports.items()},
            held=[member.name for member in members],
            sources=self.sources,
            skipped=skipped,
            created=self.created,
            stack=self.stack,
        )
        networks = networks_of(self.docker, self.inspect)
        volumes = [source.volume for source in self.sources if source.volume]
        compose = compose_yaml(self.inspect, networks, image.get("Config"), volumes)
        text = readme(self.manifest, self.archive.path.name)
        self.add("manifest.json", manifests.as_bytes(self.manifest))
        self.add("container.json", manifests.as_bytes(self.inspect))
        self.add("networks.json", manifests.as_bytes(networks))
        self.add("README.txt", text.encode())
        self.add("compose.yaml", compose.encode())

    def add(self, name: str, content: bytes) -> None:
        self.archive.add_file(f"backup/{name}", content, mtime=int(self.created.timestamp()))

    def write_source(self, source: Source) -> None:
        """Write the content of one volume or folder. Raise a Problem if it cannot be read whole."""
        self.running.step(f"Reading the {source.title}")
        self.at = source.destinations[0]
        mount, transport = source.as_mount(read_only=True), self.transports[source.key]
        try:
            with engine(), transport.reading(mount, self.running.label) as blocks:
                part = self.archive.add_tree(source.key, self.estimate.counted(blocks))
        except DamagedStream as problem:
            raise DamagedStream(
                f"The {source.title} could not be read whole: {problem} {self.reason_of_a_cut()}"
            ) from problem
        except Problem as problem:
            raise type(problem)(f"The {source.title} could not be read. {problem}") from problem
        self.sizes[source.key] = (part.content_size, part.files)

    def reason_of_a_cut(self) -> str:
        """Why the Engine may break a volume's stream off, and what helps."""
        if self.options.consistency == "none":
            return (
                "A file was changed while it was read, or the disk cannot read it. With the "
                "consistency “pause” or “stop” no file is changed meanwhile."
            )
        return "Somebody else changed a file while it was read, or the disk cannot read it."

    def write_image(self, name: str) -> None:
        """Write the image as `docker save` gives it."""
        self.running.step("Reading the image")
        with engine(), self.image_stream(name) as blocks:
            self.archive.add_stream_tree("image", self.estimate.counted(blocks))

    def image_stream(self, name: str) -> Stream:
        """The image by the name that it had at first; by its id where the name has moved since."""
        image = self.inspect["Image"]
        with suppress(NotFound), engine(), ExitStack() as opened:
            stream = opened.enter_context(read_image(self.docker, name))
            # What it sends was settled when the answer began: from now on the name may move.
            if (self.docker.find_image(name) or {}).get("Id") == image:
                opened.pop_all()
                return stream
        self.warn(
            f"{name} was taken from the container’s image while the backup was made. The archive "
            "holds that image all the same, without its name, which a restore gives it again."
        )
        return read_image(self.docker, image)


def networks_of(docker: Docker, inspect: dict[str, Any]) -> list[dict[str, Any]]:
    """The inspect of every network that a container is on, but those every host has.

    By their ids, because a name may hold what no address can. Until its first start a container
    knows only the names.
    """
    known = docker.networks()
    by_name = {network["Name"]: network["Id"] for network in known}
    ids = {network["Id"] for network in known}
    found = []
    for name, endpoint in (inspect["NetworkSettings"]["Networks"] or {}).items():
        network_id = endpoint.get("NetworkID") or by_name.get(name)
        if name not in BUILT_IN and network_id in ids:
            found.append(docker.inspect_network(network_id))
    return found


def finish(running: RunningJob, archive: ArchiveWriter, warnings: list[str]) -> FinishedArchive:
    """Bring the archive to the disk and under its name. Raise CannotBackUp if that is taken.

    The warnings go into the index: the manifest had been written before the data was read.
    """
    running.step("Finishing the archive")
    try:
        return archive.finish({manifests.WARNINGS: warnings})
    except FileExistsError:
        raise CannotBackUp(
            f"A file named {archive.path.name} has appeared in the backup directory meanwhile; "
            "it was left as it is."
        ) from None


def check(
    running: RunningJob, finished: FinishedArchive, span: tuple[float, float] = CHECKING
) -> VerifyReport:
    """Read the whole archive back from the disk. Raise DamagedArchive if it is not as written."""
    running.step("Checking the archive")
    running.measure(finished.size, span=span)
    return verify(finished.path, on_bytes=running.advance, written=finished.trailer)


def record(running: RunningJob, capture: Capture, found: VerifyReport) -> dict[str, Any]:
    """List the backup; together with the end of the job's undo, or not at all."""
    result: dict[str, Any] = {
        "filename": found.path.name,
        "size": found.size,
        "warnings": [*left_out(capture), *capture.warnings],
        "went_wrong": capture.warnings,
    }
    with transaction.atomic():
        backup = listed(capture, found, owner_of(running))
        if alarm := alarm_of(backup):
            result["warnings"] += [alarm]
        keeps_all = running.arguments.get(KEEPS_ALL)
        if not keeps_all and (job := prune_after(backup)):
            result["then"] = [str(job.progress_id)]
        running.undo.commit(result, cleanup=[])
    return result


def owner_of(running: RunningJob) -> Schedule | None:
    """The schedule that asked for the backup, if it is still there; it is until the commit."""
    owner = running.arguments.get("schedule")
    return Schedule.objects.select_for_update().filter(pk=owner).first() if owner else None


def left_out(capture: Capture) -> list[str]:
    """What of the container is not in the archive, and why."""
    return [
        f"{item['destination']}: {item['reason']}"
        for item in capture.manifest["skipped"]
        if item["type"] != "tmpfs"  # it would be empty after a restart, too
    ]


def listed(capture: Capture, found: VerifyReport, schedule: Schedule | None = None) -> Backup:
    """The record of an archive that was read back, saved."""
    stack = capture.stack or {}
    backup = Backup(
        filename=found.path.name,
        container_name=capture.manifest["container"]["name"],
        container_id=capture.inspect["Id"],
        image=capture.manifest["image"]["reference"],
        size=found.size,
        created=capture.created,
        sha256=found.sha256,
        verified=True,
        verified_at=timezone.now(),
        metadata=metadata_of(capture.manifest, capture.inspect, capture.sizes),
        stack=stack.get("name", ""),
        set_id=stack.get("set_id"),
        schedule=schedule,
    )
    backup.usual_size = usual_size(backup)
    backup.save()
    return backup

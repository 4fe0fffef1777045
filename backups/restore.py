"""The job that brings a container back."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from backups.archive.reader import ArchiveReader
from backups.archive.verify import verify
from backups.errors import CannotRestore
from backups.files import archive_path
from backups.options import RestoreOptions
from backups.planning import RestorePlan, VolumePlan, plan_restore
from backups.transport import counted
from backups.ways import Ways
from containers import acts
from containers.fidelity import compare
from containers.swap import Swap
from engine import Docker, engine
from engine.helpers import make_folder
from engine.pulls import pull_image
from engine.streams import load_image
from images.handlers import REMOVE as REMOVE_IMAGE
from images.registries.services import credentials_for
from images.services import KEEP_TAGS, tags_on
from jobs.running import RunningJob
from networks.making import make_network
from volumes import aside
from volumes.making import make_volume
from volumes.services import create_body as volume_body
from volumes.services import volume_is_empty

CHECKING, FILLING = (0.0, 20.0), (20.0, 95.0)


def run_restore(running: RunningJob) -> dict[str, Any]:
    """Check the archive, plan, bring everything back, and only then remove what was replaced."""
    options = RestoreOptions(**running.arguments["options"])
    filename = running.arguments["filename"]
    check_whole(running, [filename])
    with ArchiveReader(archive_path(filename)) as archive, engine() as docker:
        running.step("Looking at what is there")
        plan = plan_restore(docker, archive, options, running.label)
        plan.refuse_conflicts()
        running.start()
        return Restore(running, docker, archive, plan).run()


def check_whole(running: RunningJob, filenames: list[str]) -> None:
    """Read archives from the first byte to the last, before anything is touched.

    Raise NotFound where one is not there, an ArchiveProblem where one is not sound.
    """
    paths = [archive_path(filename) for filename in filenames]
    running.step(f"Checking the archive{'s' if len(paths) > 1 else ''}")
    running.measure(sum(path.stat().st_size for path in paths), span=CHECKING)
    for path in paths:
        verify(path, on_bytes=running.advance, read_again=True)


class Restore:
    """One archive on its way back. Nothing that was there is removed before `commit`."""

    def __init__(
        self, running: RunningJob, docker: Docker, archive: ArchiveReader, plan: RestorePlan
    ) -> None:
        self.running = running
        self.undo = running.undo
        self.docker = docker
        self.archive = archive
        self.plan = plan
        self.ways = Ways(docker, running, self.note)
        self.notes: list[str] = []
        self.at = ""
        self.swap = Swap(
            docker,
            plan.name,
            running.undo,
            running.label[:8],
            old=plan.old,
            sharing=plan.sharing,
            host_name=plan.host_name,
            on_step=running.step,
            on_log=running.log,
            on_wait=running.check,
        )
        self.volumes = plan.volumes
        self.overwritten: list[aside.Place] = []

    def run(self) -> dict[str, Any]:
        """Everything in order; what was there stays until the new container is up."""
        self.bring_image()
        self.make_networks()
        self.make_volumes()
        self.measure_content()
        self.fill(act="create")
        self.put_old_aside()
        self.fill(act="fill")
        self.fill(act="overwrite")
        return self.commit(self.bring_back())

    def bring_back(self) -> str | None:
        """Bring the container, its id; or see that the data is there, where that is all."""
        if self.plan.data_only:
            self.refuse_lost_volumes()
            return None
        return self.bring_container()

    def bring_image(self) -> None:
        """Have the image on the host: found, loaded from the archive or pulled."""
        image = self.plan.image
        if image is None or image.act == "found":
            return
        image_id = self.archive.manifest["image"]["id"]
        self.undo.write(REMOVE_IMAGE, reference=image.reference)
        if image.act == "archive":
            self.running.step("Loading the image from the backup")
            self.undo.write(REMOVE_IMAGE, reference=image_id)
            with self.undo.afterwards(KEEP_TAGS, tags=tags_on(self.docker)):
                load_image(self.docker, counted(self.archive.image_stream(), self.running))
            if self.docker.find_image(image_id) and not self.docker.find_image(image.reference):
                # Its name had moved before it was saved.
                self.docker.tag_as(image_id, image.reference)
        else:
            self.running.step(f"Pulling {image.pull}")
            self.undo.write(REMOVE_IMAGE, reference=image.pull)
            credentials = credentials_for(image.pull)
            pull_image(
                self.docker,
                image.pull,
                on_progress=self.running.reach,
                credentials=credentials,
            )
            self.docker.tag_as(image.pull, image.reference)
        found = self.docker.find_image(image.reference)
        if found is None:
            raise CannotRestore(f"The image {image.reference} did not come with what was loaded.")
        if found["Id"] != image_id:
            self.running.log(f"The image {image.reference} is not the one that was backed up.")

    def make_networks(self) -> None:
        """Make the networks that are missing."""
        for network in self.plan.networks:
            self.running.step(f"Creating the network {network.name}")
            make_network(self.undo, self.docker, network.body)

    def make_volumes(self) -> None:
        """Make the volumes that are missing, with driver, options and labels as they were."""
        self.volumes = [self.made(volume) if volume.new else volume for volume in self.plan.volumes]

    def made(self, volume: VolumePlan) -> VolumePlan:
        """Make a volume; what is done with it then, which depends on what is in it.

        A volume may stand for a share or disk, and then has content from its beginning. Raise
        CannotRestore where nothing was said of that.
        """
        self.running.step(f"Creating {volume.title}")
        body = volume_body(volume.source.get("volume") or {}, volume.name)
        make_volume(self.undo, self.docker, body, self.running.label)
        if volume.act != "create" or volume_is_empty(self.docker, volume.name, self.running.label):
            return volume
        if self.plan.overwrite_volumes is None:
            raise CannotRestore(
                f"The volume {volume.name}, made as it was, holds data already, because it stands "
                "for a place elsewhere. Choose whether that is to be replaced or kept."
            )
        path = self.docker.inspect_volume(volume.name)["Mountpoint"]
        act = "overwrite" if self.plan.overwrite_volumes else "keep"
        return replace(volume, act=act, path=path)

    def measure_content(self) -> None:
        """Count from here on what goes into volumes."""
        self.running.measure(self.content_size(), span=FILLING)

    def content_size(self) -> int:
        """How many bytes go into volumes, by what the index says."""
        keys = [volume.key for volume in self.volumes if volume.act in FILL_STEPS]
        parts = [part for key in keys if (part := self.archive.index.tree(key))]
        return sum(part.tar_size for part in parts)

    def fill(self, *, act: str) -> None:
        """Fill every volume and folder with which the plan does `act`."""
        for volume in self.volumes:
            if volume.act == act:
                FILL_STEPS[act](self, volume)

    def fill_volume(self, volume: VolumePlan) -> None:
        """Fill a volume that was made for it."""
        self.running.step(f"Filling {volume.title}")
        self.transfer(volume)

    def fill_folder(self, volume: VolumePlan) -> None:
        """Fill a folder of the host that is empty, or that the Engine makes."""
        self.running.step(f"Filling {volume.title}")
        make_folder(self.docker, volume.name, self.running.label)
        self.overwrite(volume)

    def overwrite(self, volume: VolumePlan) -> None:
        """Replace the content of a volume; the old stays inside it until the commit."""
        self.running.step(f"Replacing the content of {volume.title}")
        place = aside.Place(
            volume.source["type"], volume.name, volume.path, volume.key, self.running.label
        )
        self.at = volume.source["destinations"][0]
        if not aside.set_aside(self.undo, self.docker, place):
            self.note(ATTRIBUTES_LEFT)
        self.overwritten.append(place)
        self.transfer(volume)

    def transfer(self, volume: VolumePlan) -> None:
        """Send the archive's tree of a volume into it."""
        self.at = volume.source["destinations"][0]
        mount = self.mount_of(volume)
        blocks = counted(self.archive.tree_stream(volume.key), self.running)
        self.ways.best(mount).fill(mount, blocks, self.running.label)

    def mount_of(self, volume: VolumePlan) -> dict[str, Any]:
        """How a helper container mounts a volume or folder."""
        return {
            "Type": volume.source["type"],
            "Source": volume.name,
            "Target": f"/volumes/{volume.key}",
        }

    def note(self, sentence: str) -> None:
        """Report what could not be brought back as it was, and does not stop the restore."""
        self.notes.append(f"{self.at}: {sentence}")

    def put_old_aside(self) -> None:
        """Stop what is replaced, and what depends on it, and keep it under other names."""
        self.swap.put_old_aside()

    def bring_container(self) -> str:
        """Have the restored container up, and those that depend on it; its id."""
        container_id = self.put_new_in_place()
        self.make_sharing_again(container_id)
        return container_id

    def put_new_in_place(self) -> str:
        """Make the container and, if it is to run, wait until it is up; its id."""
        self.refuse_lost_volumes()
        container_id = self.swap.create(self.plan.body, self.plan.endpoints)
        for volume in self.volumes:
            if volume.act == "create" and self.holds_nothing(volume):
                self.empty_again(volume)
        self.swap.put_in_place(container_id, start=self.plan.start)
        return container_id

    def refuse_lost_volumes(self) -> None:
        """Raise CannotRestore where a volume is gone, as after a prune: nobody uses it until now.

        With the container the Engine would make an empty one.
        """
        for volume in self.volumes:
            is_volume = volume.source["type"] == "volume"
            if is_volume and self.docker.find_volume(volume.name) is None:
                raise CannotRestore(f"In the middle of it {volume.title} was removed.")

    def holds_nothing(self, volume: VolumePlan) -> bool:
        """Whether a volume was empty when it was backed up."""
        part = self.archive.index.tree(volume.key)
        return part is not None and part.entries <= 1

    def empty_again(self, volume: VolumePlan) -> None:
        """Have a volume empty that was empty, with the owner and mode that its root had.

        When a container is created, the Engine copies what its image has at that place into a
        volume that is empty.
        """
        if volume_is_empty(self.docker, volume.name, self.running.label):
            self.transfer(volume)
        else:
            path = self.docker.inspect_volume(volume.name)["Mountpoint"]
            self.overwrite(replace(volume, path=path))

    def make_sharing_again(self, container_id: str) -> None:
        """Make the containers again that depend on the replaced one; then it may stand still."""
        self.swap.make_sharing_again(container_id, start=self.plan.start)
        if self.plan.pause:
            acts.pause_container(container_id)

    def commit(self, container_id: str | None) -> dict[str, Any]:
        """Compare, and let go of what was kept in case of failure."""
        report = self.report(container_id)
        result = {
            "container_name": self.plan.name if container_id else "",
            "container_id": container_id,
            "filename": self.running.arguments["filename"],
            "report": report,
            "started": self.plan.start,
        }
        self.undo.commit(result, self.cleanup)
        return result

    @property
    def cleanup(self) -> list[dict[str, Any]]:
        """The acts that remove what was kept in case of failure."""
        discarded = [
            {"action": aside.DISCARD, "arguments": {"place": asdict(place)}}
            for place in self.overwritten
        ]
        return discarded + self.swap.cleanup

    def report(self, container_id: str | None) -> list[str]:
        """Everything in which what is there is not what was wanted; nothing is the aim."""
        told = [DATA_ONLY_REPORT] if container_id is None else self.differences(container_id)
        sentences = [*told, *self.plan.notes, *self.notes]
        for sentence in sentences:
            self.running.log(sentence)
        return sentences

    def differences(self, container_id: str) -> list[str]:
        """Every way in which the new container is not what was wanted."""
        self.running.step("Comparing the container with its backup")
        inspect = self.docker.inspect_container(container_id)
        image = self.docker.find_image(inspect["Image"]) or {}
        differences = compare(
            self.plan.body,
            self.plan.endpoints,
            inspect,
            image_config=image.get("Config"),
            host_name=self.docker.info()["Name"],
        )
        return [difference.message for difference in differences]


ATTRIBUTES_LEFT = (
    "User attributes and access lists that its top folder had and the backup does not have are "
    "still on it, if there were any: a helper container can neither see nor remove them."
)

DATA_ONLY_REPORT = (
    "The data is in its volumes. No container was made, because the swarm makes those of its "
    "services by itself: deploy the stack, or scale the service up again."
)

FILL_STEPS: dict[str, Callable[[Restore, VolumePlan], None]] = {
    "create": Restore.fill_volume,
    "fill": Restore.fill_folder,
    "overwrite": Restore.overwrite,
}

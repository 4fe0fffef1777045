"""Putting one file or folder of a backup back into the volume that it came from."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

from accounts.audit import require
from backups import manifest as manifests
from backups.archive.extract import subtree
from backups.archive.listing import Located, unescape
from backups.archive.reader import ArchiveReader
from backups.contents import located
from backups.errors import CannotRestore
from backups.files import archive_path
from backups.models import Kind as BackupKind
from backups.services import find_backup
from backups.transport import counted
from backups.ways import Ways
from containermonkey.problems import Conflict, Invalid, NotFound
from containers.queries import ALIVE
from engine import Docker, engine
from engine.names import shortened
from jobs.models import Job, Kind
from jobs.running import RunningJob
from jobs.services import User, enqueue
from volumes import aside
from volumes.aside import Place, can_overwrite
from volumes.protected import OWN, OwnData, bound_folder, leads_to_own_data, reason_of_path
from volumes.replacing import Spot, exchange, look_at, make_room, shown
from volumes.services import folder_state


@dataclass(frozen=True)
class PutBackPlan:
    """What putting back would do. `path` from the volume's root, `title` names the volume."""

    container_name: str
    title: str
    path: str
    size: int
    is_folder: bool
    beside: bool
    replaces: bool
    running: list[str]


@dataclass(frozen=True)
class Target:
    """A file or folder in an archive, and where it goes."""

    source: dict[str, Any]
    found: Located
    spot: Spot


def plan_put_back(filename: str, path: str, *, beside: bool = False) -> PutBackPlan:
    """What putting a file or folder of a backup back would do, without doing it.

    `path` is as the preview lists it; with `beside` it gets a name of its own beside what is
    there. Raise NotFound for what is in no backup or volume, Conflict where there is no way in.
    """
    backup = find_backup(filename)
    with ArchiveReader(archive_path(filename)) as archive, engine() as docker:
        target = target_of(docker, archive, path, str(uuid4()), beside=beside)
        there = look_at(docker, target.spot)
        return PutBackPlan(
            container_name=backup.container_name,
            title=target.spot.place.source,
            path=shown(target.spot.path),
            size=target.found.file.size if target.found.file.type == "file" else 0,
            is_folder=target.found.file.type == "directory",
            beside=beside,
            replaces=there,
            running=running_users(docker, target.spot.place),
        )


def request_put_back(filename: str, path: str, *, beside: bool = False, user: User = None) -> Job:
    """Queue the putting back of a file or folder. Raise what `plan_put_back` raises.

    Where nothing is there now, the job replaces nothing that comes to be there meanwhile.
    """
    plan = plan_put_back(filename, path, beside=beside)
    if plan.replaces:
        require("put_back.replace", plan.container_name)
    arguments = {"filename": filename, "path": path, "beside": beside, "replace": plan.replaces}
    return enqueue(Kind.PUT_BACK, plan.container_name, arguments, user)


def run_put_back(running: RunningJob) -> dict[str, Any]:
    """Unpack it into the volume under a hidden name, and exchange it for what is there.

    Raise Conflict where something is there now and was not when this was asked for.
    """
    path, beside = running.arguments["path"], running.arguments["beside"]
    archive_file = archive_path(running.arguments["filename"])
    with ArchiveReader(archive_file) as archive, engine() as docker:
        running.step("Looking at what is there")
        target = target_of(docker, archive, path, running.label, beside=beside)
        running.start()
        spot = target.spot
        key = make_room(running.undo, docker, spot)
        running.step(f"Reading {shown(spot.path)}")
        running.measure(target.found.end - target.found.start)
        report = unpack(running, docker, archive, target)
        running.step("Putting it in its place")
        may_replace = bool(running.arguments.get("replace"))
        exchange(running.undo, key, docker, spot, may_replace)
        result = {
            "path": shown(spot.path),
            "volume": spot.place.source,
            "of": archive.manifest.get("kind", BackupKind.CONTAINER),
            "report": report,
        }
        cleanup = [{"action": aside.DISCARD, "arguments": {"place": asdict(spot.place)}}]
        running.undo.commit(result, cleanup)
        return result


def unpack(
    running: RunningJob, docker: Docker, archive: ArchiveReader, target: Target
) -> list[str]:
    """Have the new one in the volume, where it waits; what did not come back as it was."""
    place = target.spot.place
    name = f"{place.target[1:]}/{target.spot.new}".encode()
    blocks: Iterator[bytes] = subtree(archive, place.key, target.found, name)
    mount = place.as_mount()
    report: list[str] = []

    def note(sentence: str) -> None:
        report.append(sentence.replace(target.spot.new, shown(target.spot.path)))
        running.log(report[-1])

    way = Ways(docker, running, note).best(mount)
    way.fill(mount, counted(blocks, running), place.job)
    return report


def target_of(
    docker: Docker, archive: ArchiveReader, path: str, job: str, *, beside: bool
) -> Target:
    """Find what is asked for, and where it goes. Raise a Problem if it cannot go there."""
    key, _, inner = path.strip("/").partition("/")
    if not inner:
        raise Invalid("A whole volume is brought back by restoring its backup.")
    manifest = manifests.checked_with_data(archive.manifest)
    source = next((each for each in manifest["sources"] if each["key"] == key), None)
    if source is None:
        raise NotFound(f"The backup holds no volume {shortened(key)}.")
    found = located(archive, key, f"/{inner}")
    place = place_of(docker, source, job)
    name = unescape(inner.encode()).decode("utf-8", "surrogateescape")
    if beside:
        name = f"{name}.from-{manifest['created'][:19].replace(':', '').replace('-', '')}"
    spot = Spot(place, name)
    if beside and look_at(docker, spot):
        raise Conflict(f"{shown(name)} is there already.")
    if not can_overwrite(docker, place):
        raise Conflict(
            f"The content of {place.source} is out of reach and CONTAINERMONKEY_HELPER_IMAGE names "
            "no image on the host. Download the file, and put it back with the container's tools."
        )
    return Target(source, found, spot)


def place_of(docker: Docker, source: dict[str, Any], job: str) -> Place:
    """The volume or folder that a source of a backup is now.

    Raise NotFound if it is gone, CannotRestore where nothing may be restored: an archive may come
    from anywhere, so its paths pass the same tests as those that are read.
    """
    own, name = OwnData.of(docker), source["name"]
    if source.get("file"):
        raise CannotRestore(f"{name} is a single file of the host, which is not overwritten.")
    folder: str | None = name
    path = name
    if source["type"] == "volume":
        volume = docker.find_volume(name)
        if volume is None:
            raise NotFound(f"The volume {name} is not there any more; restore the backup.")
        folder = bound_folder(volume)
        path = folder or volume["Mountpoint"]
    if name in own.volumes:
        raise CannotRestore(f"The volume {name} holds this program's own data.")
    if folder is not None:
        check_folder(docker, folder, own, job)
    return Place(source["type"], name, path, source["key"], job)


def check_folder(docker: Docker, folder: str, own: OwnData, job: str) -> None:
    """Raise a Problem unless something may be put into a folder of the host."""
    reason = reason_of_path(folder, own) if folder.startswith("/") else "It is no path of the host."
    if reason is None:
        if folder_state(docker, folder, job) not in ("empty", "filled"):
            raise NotFound(f"The folder {folder} is not there any more.")
        reason = OWN if leads_to_own_data(docker, folder, own, job) else None
    if reason:
        raise CannotRestore(f"Nothing is put back into {folder}. {reason}")


def running_users(docker: Docker, place: Place) -> list[str]:
    """The names of the running containers that mount a volume or folder."""
    key = "Name" if place.type == "volume" else "Source"
    return sorted(
        container["Names"][0].removeprefix("/")
        for container in docker.list_containers()
        if container["State"] in ALIVE
        and any(mount.get(key) == place.source for mount in container["Mounts"] or [])
    )

"""GNU tar at work on volumes: what it says, what it must not touch, and how it ends."""

import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups.gnutar.directory import DirectoryTransport
from backups.gnutar.fifo import FOLDER
from backups.gnutar.messages import TarFailed, bounded
from backups.preview import container_preview
from containermonkey.problems import NoSpace
from jobs.models import Job, Kind, Status
from jobs.services import cancel
from jobs.undo import Undo
from jobs.worker import recover
from tests.arrange import ContainerMaker
from tests.backups.capturing import MEBIBYTE, Scene, at_first_block
from tests.backups.killing import stand_still
from tests.backups.oddities import make_socket
from tests.backups.steps import backed_up, finished, tree_of
from tests.backups.traveling import take_the_way, ways_of
from tests.backups.workers import kill, worker_process
from tests.waiting import wait_for
from volumes.local import Directory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

BOTH = pytest.mark.parametrize("way", ["directory", "helper"])
END = bytes(1024)


@pytest.fixture
def scene(docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> Scene:
    return Scene(docker, make_container, data_dir)


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", content: bytes = b"") -> bytes:
    """An entry of a tar, as somebody may have forged it."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size, info.mode = kind, link, len(content), 0o755
    return info.tobuf(tarfile.PAX_FORMAT) + content + bytes(-len(content) % 512)


def fill(directory: Path, *entries: bytes) -> list[str]:
    """Unpack entries into a directory, as a restore does; what tar said."""
    said: list[str] = []
    job = Job.objects.create(kind=Kind.RESTORE)
    transport = DirectoryTransport(Directory.at(str(directory)), Undo(job), said.append)
    transport.fill({"Target": "/volumes/k"}, [*entries, END], "job")
    return said


def tars_of(volume: Path) -> list[str]:
    """The processes that have a volume where a tar has it, in a room or in a helper."""
    found = []
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if f" {volume} /volumes/" in (process / "mountinfo").read_text():
                found.append(process.name)
    return found


# What tar says


@BOTH
def test_a_file_that_shrinks_while_it_is_read_is_in_the_report(
    scene: Scene, way: str, docker: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_the_way(way, docker, settings, monkeypatch)
    at_first_block(monkeypatch, lambda: os.truncate(scene.file, 0))

    backup = backed_up("app")

    (warning,) = container_preview(backup.filename).warnings
    assert warning.startswith("/data: m: File shrank by ")
    job = Job.objects.get(kind=Kind.BACKUP)
    assert job.result["warnings"] == [warning]
    assert warning in job.log


def test_a_file_that_vanishes_before_it_is_read_is_in_the_report(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_first_block(monkeypatch, (scene.volume / "z").unlink)

    backup = backed_up("app")

    assert "/data: z: File removed before we read it" in container_preview(backup.filename).warnings


def test_a_file_that_grows_while_it_is_read_is_in_the_report(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grow() -> None:
        with scene.file.open("ab") as file:
            file.write(b"more")

    at_first_block(monkeypatch, grow)

    assert container_preview(backed_up("app").filename).warnings == [
        "/data: m: file changed as we read it"
    ]


@BOTH
def test_however_many_messages_there_are_their_number_is_right(
    scene: Scene, way: str, docker: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_the_way(way, docker, settings, monkeypatch)
    for number in range(120):
        make_socket(scene.volume / f"socket-{number}")

    assert container_preview(backed_up("app").filename).warnings[20:] == [
        "/data: … and 100 more such messages."
    ]


def test_of_many_messages_a_report_has_some_and_their_number() -> None:
    assert bounded([str(number) for number in range(50)])[-2:] == [
        "19",
        "… and 30 more such messages.",
    ]


# What it must not touch


@pytest.mark.usefixtures("data_dir")
def test_no_link_leads_out_of_a_directory_that_is_filled(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "there").symlink_to(outside)
    (inside / "up").symlink_to("../../outside")
    before = tree_of(outside)

    for name in ("there", "up", "new"):
        try:
            fill(
                inside,
                entry("volumes/k/new", tarfile.SYMTYPE, str(outside)),
                entry(f"volumes/k/{name}/file", content=b"evil"),
                entry(f"volumes/k/{name}/link", tarfile.LNKTYPE, "volumes/k/../../etc/passwd"),
                entry("/etc/container-monkey-was-here", content=b"evil"),
                entry("../../etc/container-monkey-was-here", content=b"evil"),
            )
        except TarFailed:
            continue

    assert tree_of(outside) == before
    assert not Path("/etc/container-monkey-was-here").exists()


@pytest.mark.usefixtures("data_dir")
def test_another_directory_under_the_same_path_is_not_filled(tmp_path: Path) -> None:
    looked_at = tmp_path / "inside"
    looked_at.mkdir()
    directory = Directory.at(str(looked_at))
    looked_at.rename(tmp_path / "away")
    looked_at.symlink_to("/etc")
    transport = DirectoryTransport(
        directory, Undo(Job.objects.create(kind=Kind.RESTORE)), lambda sentence: None
    )

    with pytest.raises(TarFailed, match="replaced by another"):
        transport.fill({"Target": "/volumes/k"}, [entry("volumes/k", tarfile.DIRTYPE), END], "job")


@pytest.mark.usefixtures("data_dir")
def test_labels_that_are_the_policy_of_a_host_stay_behind(tmp_path: Path) -> None:
    info = tarfile.TarInfo("volumes/k")
    info.type, info.mode = tarfile.DIRTYPE, 0o755
    info.pax_headers = {"SCHILY.xattr.user.ours": "1", "SCHILY.xattr.security.evm": "1"}
    fill(tmp_path, info.tobuf(tarfile.PAX_FORMAT))

    assert os.listxattr(tmp_path) == ["user.ours"]


# Full disks


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A directory that is a disk of 4 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], check=True)
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.usefixtures("data_dir")
def test_a_full_disk_fails_the_filling_with_the_reason(small_disk: Path) -> None:
    large = entry("volumes/k/large", content=os.urandom(16 * MEBIBYTE))
    with pytest.raises(NoSpace, match="large: there is no space left"):
        fill(small_disk, entry("volumes/k", tarfile.DIRTYPE), large)


# Which way is taken


@pytest.mark.parametrize("options", ["name=userns", "name=rootless"])
def test_where_the_engine_shifts_owners_it_moves_the_files_itself(
    scene: Scene, options: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.client import Docker

    original = Docker.info
    monkeypatch.setattr(
        Docker, "info", lambda self: original(self) | {"SecurityOptions": [options]}
    )

    assert ways_of(backed_up("app")) == {"engine"}


def test_an_image_without_gnu_tar_is_of_no_use(
    scene: Scene, settings: Any, busybox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HELPER_IMAGE = busybox
    monkeypatch.setattr("backups.ways.works_here", lambda: False)

    assert ways_of(backed_up("app")) == {"engine"}


def test_a_directory_of_another_host_is_not_taken_for_the_engines(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that has the very path and time, as after restoring the same backup on both."""
    monkeypatch.setattr("volumes.local.LocalDirectories.seen_root", lambda self: None)

    assert ways_of(backed_up("app")) == {"engine"}


def test_a_volume_that_only_the_engine_mounts_is_not_read_from_its_empty_directory(
    docker: APIClient, make_container: ContainerMaker, tmp_path: Path, data_dir: Path
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "file").write_text("content")
    options = {"type": "none", "o": "bind", "device": str(tmp_path / "disk")}
    docker.create_volume("bound", driver_opts=options)
    make_container("app", host={"binds": ["bound:/data"]}, start=False)

    backup = backed_up("app")

    assert ways_of(backup) == {"engine"}
    assert backup.metadata["volumes"][0]["files"] == 1


# How it ends


@BOTH
def test_a_killed_worker_leaves_no_tar_and_no_pipe(
    scene: Scene,
    way: str,
    docker: APIClient,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_the_way(way, docker, settings, monkeypatch)
    marker = tmp_path / "reached"
    at_first_block(monkeypatch, lambda: stand_still(marker))
    job = scene.request()
    with worker_process() as process:
        wait_for(marker.exists, "the first block")
        assert tars_of(scene.volume)
        kill(process)
    wait_for(lambda: not tars_of(scene.volume), "the tar to end")

    recover()

    job.refresh_from_db()
    assert (job.status, job.undo) == (Status.INTERRUPTED, [])
    assert not (settings.DATA_DIR / FOLDER / str(job.progress_id)).exists()
    assert scene.is_as_before()


@BOTH
def test_a_cancelled_backup_leaves_no_tar_and_no_pipe(
    scene: Scene, way: str, docker: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_the_way(way, docker, settings, monkeypatch)
    job = scene.request()
    at_first_block(monkeypatch, lambda: cancel(job.progress_id))
    monkeypatch.setattr("jobs.running.WRITE_INTERVAL", 0)

    assert finished(job).status == Status.CANCELLED

    assert tars_of(scene.volume) == []
    assert not (settings.DATA_DIR / FOLDER / str(job.progress_id)).exists()
    assert scene.is_as_before()

"""Whatever goes wrong in a backup, nothing half-done stays, and the container runs again."""

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups import capture
from backups.archive.writer import FinishedArchive
from backups.capture import Capture
from backups.estimate import Estimate
from backups.files import archive_path
from backups.models import Backup
from backups.options import BackupOptions
from backups.services import request_backup
from backups.transport import EngineTransport
from jobs.models import Job, Status
from jobs.services import cancel
from jobs.worker import recover, settle
from tests.arrange import ContainerMaker, left_by_jobs
from tests.backups.steps import backed_up, failed, finished, volume_path
from tests.backups.workers import kill, wait_until, worker_process
from tests.private_engine import PrivateEngine
from tests.site import ROOT
from tests.waiting import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

MEBIBYTE = 1 << 20
AT_ONCE = 20.0
"""Seconds: far below the time for which a call waits for an Engine that hangs."""


class Scene:
    """A running container whose volume is larger than all buffers on the way."""

    def __init__(self, docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> None:
        self.docker = docker
        self.directory = data_dir / "backups"
        self.container = make_container("app", host={"binds": ["data:/data"]})
        self.volume = volume_path(docker, "data")
        self.file = self.volume / "m"
        self.file.write_bytes(os.urandom(48 * MEBIBYTE))
        for name in ("a", "z"):
            (self.volume / name).write_text(name)

    def request(self, hold: str = "stop") -> Job:
        return request_backup("app", BackupOptions(consistency=hold))

    def state(self) -> dict[str, Any]:
        return self.docker.inspect_container(self.container)["State"]

    def is_as_before(self) -> bool:
        """Whether nothing of a backup is left, and the container runs."""
        assert self.state()["Status"] == "running"
        assert left_by_jobs(self.docker) == []
        assert not Backup.objects.exists()
        assert sorted(path.name for path in self.directory.iterdir()) == []
        return True


@pytest.fixture
def scene(docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> Scene:
    return Scene(docker, make_container, data_dir)


@pytest.fixture
def at_first_block(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Has something done once, when the first MiB of a volume has come."""

    def arrange(act: Callable[[], Any]) -> None:
        original, done = Estimate.counted, []

        def counted(self: Estimate, blocks: Any) -> Iterator[Any]:
            for block in original(self, blocks):
                if not done:
                    done.append(True)
                    act()
                yield block

        monkeypatch.setattr(Estimate, "counted", counted)

    return arrange


@pytest.fixture
def stop_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Path]:
    """Has a step wait for ever once it is done; the file that tells that it got there."""

    def arrange(owner: Any, step: str, *, before: bool = False) -> Path:
        original, marker = getattr(owner, step), tmp_path / "reached"

        def then_wait(*arguments: Any, **options: Any) -> Any:
            if not before:
                original(*arguments, **options)
            marker.touch()
            while True:
                time.sleep(60)

        monkeypatch.setattr(owner, step, then_wait)
        return marker

    return arrange


def entries_of(backup: Backup) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(archive_path(backup.filename)) as tar:
        return {entry.name.rpartition("/")[2]: entry for entry in tar}


# Files that change while they are read


@pytest.mark.parametrize("left", [0, 5 * MEBIBYTE])
def test_a_file_that_shrinks_while_it_is_read_fails_the_job(
    scene: Scene, at_first_block: Callable[..., None], left: int
) -> None:
    at_first_block(lambda: os.truncate(scene.file, left))

    job = failed(scene.request("none"))

    assert job.error.startswith("The volume data could not be read whole: ")
    assert "in the middle of" in job.error
    assert "/m”" in job.error
    assert "With the consistency “pause” or “stop” no file is changed meanwhile." in job.error
    assert scene.is_as_before()


def test_a_file_that_shrinks_although_all_is_stopped_is_told_otherwise(
    scene: Scene, at_first_block: Callable[..., None]
) -> None:
    at_first_block(lambda: os.truncate(scene.file, 0))

    job = failed(scene.request("stop"))

    assert "Somebody else changed a file" in job.error
    assert scene.is_as_before()


def test_a_file_that_grows_while_it_is_read_is_saved_as_it_was(
    scene: Scene, at_first_block: Callable[..., None]
) -> None:
    def grow() -> None:
        with scene.file.open("ab") as file:
            file.write(os.urandom(MEBIBYTE))

    at_first_block(grow)

    entries = entries_of(backed_up("app"))

    assert entries["m"].size == 48 * MEBIBYTE
    assert {"a", "m", "z"} <= entries.keys()


def test_a_file_that_vanishes_before_it_is_read_is_not_in_the_archive(
    scene: Scene, at_first_block: Callable[..., None]
) -> None:
    (scene.volume / "y" / "below").mkdir(parents=True)

    def vanish() -> None:
        (scene.volume / "z").unlink()
        shutil.rmtree(scene.volume / "y")

    at_first_block(vanish)

    entries = entries_of(backed_up("app"))

    assert {"a", "m"} <= entries.keys()
    assert not {"y", "below", "z"} & entries.keys()


def test_a_file_that_vanishes_while_it_is_read_is_saved_whole(
    scene: Scene, at_first_block: Callable[..., None]
) -> None:
    at_first_block(scene.file.unlink)

    assert entries_of(backed_up("app"))["m"].size == 48 * MEBIBYTE


@pytest.mark.parametrize("blocks", [0, 1, 20, 24])
def test_a_stream_that_ends_too_early_as_if_all_were_well_fails_the_job(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, blocks: int
) -> None:
    original = EngineTransport.reading

    @contextmanager
    def reading(self: EngineTransport, mount: dict[str, Any], job: str) -> Iterator[Any]:
        with original(self, mount, job) as stream:
            yield (block for block, _ in zip(stream, range(blocks), strict=False))

    monkeypatch.setattr(EngineTransport, "reading", reading)

    job = failed(scene.request())

    assert "could not be read whole: The stream" in job.error
    assert scene.is_as_before()


def test_a_volume_that_cannot_be_mounted_fails_the_job(
    scene: Scene, docker: APIClient, make_container: ContainerMaker, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / "host").mkdir()
    options = {"type": "none", "o": "bind", "device": f"{tmp_path}/host"}
    docker.create_volume("bound", driver_opts=options)
    make_container("other", host={"binds": ["bound:/data"]}, start=False)
    original = Capture.write

    def write(*arguments: Any) -> None:
        (tmp_path / "host").rmdir()
        original(*arguments)

    monkeypatch.setattr(Capture, "write", write)

    job = failed(request_backup("other", BackupOptions()))

    assert job.error.startswith("The volume bound could not be read. ")
    assert "no such file or directory" in job.error
    assert scene.is_as_before()


# The Engine


def test_an_engine_that_dies_in_the_middle_finds_everything_back_later(
    scene: Scene, engine: PrivateEngine, at_first_block: Callable[..., None]
) -> None:
    at_first_block(engine.kill)

    job = failed(scene.request())

    assert "broke off in the middle of a stream" in job.error
    assert "Not everything could be put back yet" in job.error
    assert not Backup.objects.exists()
    assert list(scene.directory.iterdir()) == []
    engine.start()
    assert scene.state()["Status"] == "exited"
    settle()
    job.refresh_from_db()
    assert job.status == Status.FAILED
    assert job.undo == []
    assert "Everything has been put back since then." in job.error
    assert scene.is_as_before()


# The disk


@pytest.fixture
def small_disk() -> Iterator[Callable[[Path, int], None]]:
    """Makes a directory a disk of its own, of so many MiB."""
    mounted: list[Path] = []

    def mount(directory: Path, size: int) -> None:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(directory)]
        subprocess.run(command, check=True)
        mounted.append(directory)

    yield mount
    for directory in mounted:
        subprocess.run(["umount", str(directory)], check=True)


def test_a_full_disk_fails_the_job_and_nothing_is_left_on_it(
    scene: Scene, small_disk: Callable[[Path, int], None]
) -> None:
    small_disk(scene.directory, 10)

    job = failed(scene.request())

    assert job.error == "There is no space left on the disk that holds the backups."
    assert scene.is_as_before()


def test_a_file_that_takes_the_archives_name_meanwhile_is_left_alone(
    scene: Scene, at_first_block: Callable[..., None]
) -> None:
    taken: list[Path] = []

    def take_name() -> None:
        (partial,) = scene.directory.glob("*.partial")
        taken.append(partial.with_suffix(""))
        taken[0].write_text("somebody else's")

    at_first_block(take_name)

    job = failed(scene.request())

    assert "has appeared in the backup directory meanwhile" in job.error
    assert taken[0].read_text() == "somebody else's"
    taken[0].unlink()
    assert scene.is_as_before()


@pytest.mark.parametrize("place", [20, 0.5, -40])
def test_a_bit_that_flips_on_the_disk_fails_the_job(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, place: float
) -> None:
    original = capture.check

    def check(running: Any, written: FinishedArchive) -> None:
        assert not Backup.objects.exists()
        at = int(written.size * place) if isinstance(place, float) else place % written.size
        with written.path.open("r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 0x10]))
        original(running, written)

    monkeypatch.setattr(capture, "check", check)

    job = failed(scene.request("none"))

    assert "damaged" in job.error or "not complete" in job.error
    assert scene.is_as_before()


@pytest.mark.parametrize("harm", ["cut", "remove"])
def test_an_archive_that_is_lost_after_it_was_written_fails_the_job(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    original = capture.check

    def check(running: Any, written: FinishedArchive) -> None:
        written.path.unlink() if harm == "remove" else os.truncate(written.path, MEBIBYTE)
        original(running, written)

    monkeypatch.setattr(capture, "check", check)

    failed(scene.request("none"))

    assert scene.is_as_before()


# The end of the process

STEPS = [
    (Capture, "write_description", False),
    (Capture, "write_source", True),
    (Estimate, "counted", True),
    (Capture, "write_source", False),
    (capture, "finish", True),
    (capture, "finish", False),
    (capture, "check", False),
]


@pytest.mark.parametrize(("owner", "step", "before"), STEPS)
def test_a_worker_that_is_killed_at_any_step_leaves_nothing(
    scene: Scene, stop_at: Callable[..., Path], owner: Any, step: str, before: bool
) -> None:
    marker = stop_at(owner, step, before=before)
    job = scene.request()
    with worker_process() as process:
        wait_for(marker.exists, f"the step {step}")
        kill(process)

    recover()

    job.refresh_from_db()
    assert job.status == Status.INTERRUPTED
    assert job.undo == []
    assert scene.is_as_before()


def test_a_worker_that_is_killed_after_the_record_has_made_a_backup(
    scene: Scene, stop_at: Callable[..., Path]
) -> None:
    marker = stop_at(capture, "record")
    job = scene.request()
    with worker_process() as process:
        wait_for(marker.exists, "the record")
        kill(process)

    recover()

    job.refresh_from_db()
    assert job.status == Status.COMPLETE
    assert Backup.objects.get().filename == job.result["filename"]
    assert archive_path(job.result["filename"]).stat().st_size == job.result["size"]
    assert scene.state()["Running"]


@pytest.mark.parametrize("hold", ["none", "pause", "stop"])
def test_a_cancelled_backup_ends_at_once_and_leaves_nothing(scene: Scene, hold: str) -> None:
    os.truncate(scene.file, 600 * MEBIBYTE)
    job = scene.request(hold)
    with worker_process():
        wait_until(job, lambda job: job.bytes_done > 0)
        began = time.monotonic()
        cancel(job.progress_id)
        wait_for(lambda: Job.objects.get(pk=job.pk).ended, "the end", AT_ONCE)

    assert time.monotonic() - began < AT_ONCE
    job.refresh_from_db()
    assert (job.status, job.error) == (Status.CANCELLED, "Cancelled on request.")
    assert scene.is_as_before()


def test_a_shutdown_ends_a_backup_cleanly(scene: Scene) -> None:
    os.truncate(scene.file, 600 * MEBIBYTE)
    job = scene.request()
    with worker_process() as process:
        wait_until(job, lambda job: job.bytes_done > 0)
        kill(process, signal.SIGTERM)

    job.refresh_from_db()
    assert job.status == Status.INTERRUPTED
    assert job.undo == []
    assert scene.is_as_before()


def test_the_real_worker_is_killed_and_the_next_one_puts_everything_back(
    scene: Scene, real_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    os.truncate(scene.file, 600 * MEBIBYTE)
    job = scene.request()
    worker = real_worker()
    wait_until(job, lambda job: job.bytes_done > 0)
    worker.kill()
    worker.wait()
    assert scene.state()["Status"] == "exited"
    assert len(list(scene.directory.glob("*.partial"))) == 1
    assert len(left_by_jobs(scene.docker)) == 1

    following = real_worker()
    wait_for(lambda: Job.objects.get(pk=job.pk).ended, "the recovery")
    wait_for(lambda: left_by_jobs(scene.docker) == [], "the helper to go")
    following.terminate()

    assert following.wait() == 0
    job.refresh_from_db()
    assert job.status == Status.INTERRUPTED
    assert scene.is_as_before()


@pytest.fixture
def real_worker(
    data_dir: Path, docker_host: str, settings: Any
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts `manage.py run_jobs` on the test's own database."""
    workers: list[subprocess.Popen[bytes]] = []
    environment = {
        **os.environ,
        "CONTAINERMONKEY_DATA": str(data_dir),
        "DATABASE_URL": f"sqlite:///{settings.DATABASES['default']['NAME']}",
        "DOCKER_HOST": docker_host,
    }

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, str(ROOT / "manage.py"), "run_jobs"]
        workers.append(subprocess.Popen(command, env=environment))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.poll() is None:
            worker.kill()
            worker.wait()


def test_after_a_failure_the_next_backup_gets_through(
    scene: Scene, at_first_block: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_first_block(lambda: os.truncate(scene.file, 0))
    failed(scene.request())
    monkeypatch.undo()

    assert finished(scene.request()).status == Status.COMPLETE

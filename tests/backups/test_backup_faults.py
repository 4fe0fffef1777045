"""Whatever goes wrong in a backup, nothing half-done stays, and the container runs again."""

import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups import capture
from backups.archive.verify import VerifyReport
from backups.archive.writer import FinishedArchive
from backups.capture import Capture
from backups.files import archive_path
from backups.models import Backup
from backups.options import BackupOptions
from backups.services import request_backup
from backups.transport import EngineTransport
from jobs.models import Status
from jobs.worker import settle
from tests.arrange import ContainerMaker
from tests.backups.capturing import MEBIBYTE, Scene, at_first_block
from tests.backups.conftest import SmallDisk
from tests.backups.steps import backed_up, failed, finished
from tests.private_engine import PrivateEngine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]


@pytest.fixture
def scene(docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> Scene:
    return Scene(docker, make_container, data_dir)


def entries_of(backup: Backup) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(archive_path(backup.filename)) as tar:
        return {entry.name.rpartition("/")[2]: entry for entry in tar}


# Files that change while they are read


@pytest.mark.usefixtures("through_the_engine")
@pytest.mark.parametrize("left", [0, 5 * MEBIBYTE])
def test_a_file_that_shrinks_while_it_is_read_fails_the_job(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    at_first_block(monkeypatch, lambda: os.truncate(scene.file, left))

    job = failed(scene.request("none"))

    assert job.error.startswith("The volume data could not be read whole: ")
    assert "in the middle of" in job.error
    assert "/m”" in job.error
    assert "With the consistency “pause” or “stop” no file is changed meanwhile." in job.error
    assert scene.is_as_before()


@pytest.mark.usefixtures("through_the_engine")
def test_a_file_that_shrinks_although_all_is_stopped_is_told_otherwise(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_first_block(monkeypatch, lambda: os.truncate(scene.file, 0))

    job = failed(scene.request("stop"))

    assert "Somebody else changed a file" in job.error
    assert scene.is_as_before()


def test_a_file_that_grows_while_it_is_read_is_saved_as_it_was(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grow() -> None:
        with scene.file.open("ab") as file:
            file.write(os.urandom(MEBIBYTE))

    at_first_block(monkeypatch, grow)

    entries = entries_of(backed_up("app"))

    assert entries["m"].size == 48 * MEBIBYTE
    assert {"a", "m", "z"} <= entries.keys()


def test_a_file_that_vanishes_before_it_is_read_is_not_in_the_archive(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    (scene.volume / "y" / "below").mkdir(parents=True)

    def vanish() -> None:
        (scene.volume / "z").unlink()
        shutil.rmtree(scene.volume / "y")

    at_first_block(monkeypatch, vanish)

    entries = entries_of(backed_up("app"))

    assert {"a", "m"} <= entries.keys()
    assert not {"y", "below", "z"} & entries.keys()


def test_a_file_that_vanishes_while_it_is_read_is_saved_whole(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_first_block(monkeypatch, scene.file.unlink)

    assert entries_of(backed_up("app"))["m"].size == 48 * MEBIBYTE


@pytest.mark.usefixtures("through_the_engine")
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


@pytest.mark.usefixtures("through_the_engine")
def test_an_engine_that_dies_in_the_middle_finds_everything_back_later(
    scene: Scene, engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_first_block(monkeypatch, engine.kill)

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


def test_a_full_disk_fails_the_job_and_nothing_is_left_on_it(
    scene: Scene, small_disk: SmallDisk
) -> None:
    small_disk(scene.directory, 10)

    job = failed(scene.request())

    assert job.error == "There is no space left on the disk that holds the backups."
    assert scene.is_as_before()


def test_a_file_that_takes_the_archives_name_meanwhile_is_left_alone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Path] = []

    def take_name() -> None:
        (partial,) = scene.directory.glob("*.partial")
        taken.append(partial.with_suffix(""))
        taken[0].write_text("somebody else's")

    at_first_block(monkeypatch, take_name)

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

    def check(running: Any, written: FinishedArchive) -> VerifyReport:
        assert not Backup.objects.exists()
        at = int(written.size * place) if isinstance(place, float) else place % written.size
        with written.path.open("r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 0x10]))
        return original(running, written)

    monkeypatch.setattr(capture, "check", check)

    job = failed(scene.request("none"))

    assert "damaged" in job.error or "not complete" in job.error
    assert scene.is_as_before()


@pytest.mark.parametrize("harm", ["cut", "remove"])
def test_an_archive_that_is_lost_after_it_was_written_fails_the_job(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    original = capture.check

    def check(running: Any, written: FinishedArchive) -> VerifyReport:
        written.path.unlink() if harm == "remove" else os.truncate(written.path, MEBIBYTE)
        return original(running, written)

    monkeypatch.setattr(capture, "check", check)

    failed(scene.request("none"))

    assert scene.is_as_before()


@pytest.mark.usefixtures("through_the_engine")
def test_after_a_failure_the_next_backup_gets_through(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_first_block(monkeypatch, lambda: os.truncate(scene.file, 0))
    failed(scene.request())
    monkeypatch.undo()

    assert finished(scene.request()).status == Status.COMPLETE

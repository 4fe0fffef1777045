"""Whatever step of a restore fails, what was there before is there again."""

import gzip
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups import restore as restoring
from backups.archive.errors import ArchiveProblem
from backups.archive.reader import ArchiveReader
from backups.options import RestoreOptions
from backups.preview import container_preview
from backups.restore import Restore
from backups.services import request_restore
from containers import swap
from jobs.models import Job, Status
from jobs.services import cancel
from jobs.worker import recover, settle
from tests.arrange import ContainerMaker, run_in
from tests.backups.steps import backed_up, failed, state_of_host, tree_of, volume_path
from tests.backups.traveling import take_the_way
from tests.backups.workers import kill, worker_process
from tests.private_engine import PrivateEngine
from tests.waiting import wait_for
from volumes.reach import DirectoryReach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

FOREVER = ["sleep", "1000"]
OVER = RestoreOptions(on_conflict="replace", overwrite_volumes=True)


class Scene:
    """A container on a network of its own, backed up, with its data changed since."""

    def __init__(self, docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> None:
        self.docker = docker
        self.archives = data_dir / "backups"
        docker.create_network("front")
        docker.create_volume("app-data")
        self.container = make_container(
            "app",
            command=FOREVER,
            host={"binds": ["app-data:/data", "app-more:/more"], "init": True},
            networking={"front": docker.create_endpoint_config()},
        )
        run_in(docker, "app", "sh", "-c", "echo saved > /data/file; echo saved > /more/file")
        self.backup = backed_up("app")
        since = "echo present > file; touch since; chmod 700 .; chown 5:6 ."
        run_in(docker, "app", "sh", "-ec", f"cd /data; {since}")
        self.before = self.look()

    def look(self) -> dict[str, Any]:
        volumes = {
            name: tree_of(volume_path(self.docker, name)) for name in ("app-data", "app-more")
        }
        names = sorted(path.name for path in self.archives.iterdir())
        return state_of_host(self.docker) | {"trees": volumes, "archives": names}

    def remove_everything(self) -> None:
        self.docker.remove_container("app", force=True)
        for name in ("app-data", "app-more"):
            self.docker.remove_volume(name)

    def request(self) -> Job:
        return request_restore(self.backup.filename, OVER)


@pytest.fixture
def scene(docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> Scene:
    return Scene(docker, make_container, data_dir)


def stop_here(marker: Path) -> None:
    """Let the test know, and wait to be killed."""
    marker.touch()
    while True:
        time.sleep(60)


EVERY_WAY = pytest.mark.parametrize("way", ["directory", "helper", "engine"])

STEPS = [
    "bring_image",
    "make_networks",
    "put_old_aside",
    "overwrite",
    "transfer",
    "put_new_in_place",
    "make_sharing_again",
    "report",
]


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_after_any_step_leaves_what_was_there(
    scene: Scene, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, original = tmp_path / "reached", getattr(Restore, step)

    def then_stop(self: Restore, *arguments: Any) -> Any:
        original(self, *arguments)
        stop_here(marker)

    monkeypatch.setattr(Restore, step, then_stop)
    monkeypatch.setitem(restoring.FILL_STEPS, "overwrite", Restore.overwrite)
    job = scene.request()
    with worker_process() as process:
        wait_for(marker.exists, f"the step {step}")
        kill(process)
    recover()
    job.refresh_from_db()
    assert job.status == Status.INTERRUPTED
    assert job.undo == []
    assert scene.look() == scene.before


@EVERY_WAY
def test_a_worker_killed_in_the_middle_of_filling_leaves_what_was_there(
    scene: Scene, way: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_the_way(way, scene.docker, settings, monkeypatch)
    marker = tmp_path / "reached"

    def first_block_only(blocks: Any, running: Any) -> Any:
        yield next(iter(blocks))
        stop_here(marker)

    monkeypatch.setattr(restoring, "counted", first_block_only)
    scene.request()
    with worker_process() as process:
        wait_for(marker.exists, "the first block")
        kill(process)
    recover()
    assert scene.look() == scene.before


@EVERY_WAY
def test_a_worker_killed_while_it_fills_new_volumes_leaves_none(
    scene: Scene, way: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Engine goes on unpacking, and the helper that it unpacks into holds the volume."""
    take_the_way(way, scene.docker, settings, monkeypatch)
    marker = tmp_path / "reached"

    def first_block_only(blocks: Any, running: Any) -> Any:
        yield next(iter(blocks))
        stop_here(marker)

    monkeypatch.setattr(restoring, "counted", first_block_only)
    scene.remove_everything()
    before = state_of_host(scene.docker)
    scene.request()
    with worker_process() as process:
        wait_for(marker.exists, "the first block")
        kill(process)
    recover()
    assert state_of_host(scene.docker) == before


@pytest.mark.parametrize("act", ["rename", "remove_all_but", "move_all_out_of"])
def test_an_undo_that_is_killed_can_be_begun_again(
    scene: Scene, act: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Restore, *_: Any) -> str:
        monkeypatch.setattr(DirectoryReach, act, then_stop)
        raise OSError("broken for the test")

    marker, original = tmp_path / "reached", getattr(DirectoryReach, act)

    def then_stop(self: DirectoryReach, *arguments: Any) -> None:
        original(self, *arguments)
        stop_here(marker)

    monkeypatch.setattr(Restore, "put_new_in_place", refuse)
    scene.request()
    with worker_process() as process:
        wait_for(marker.exists, f"{act} in the undo")
        kill(process)
    monkeypatch.undo()
    recover()
    assert scene.look() == scene.before


def test_a_worker_killed_after_the_commit_has_only_to_clean_up(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, original = tmp_path / "reached", Restore.commit

    def then_stop(self: Restore, container_id: str) -> Any:
        original(self, container_id)
        stop_here(marker)

    monkeypatch.setattr(Restore, "commit", then_stop)
    job = scene.request()
    with worker_process() as process:
        wait_for(marker.exists, "the commit")
        kill(process)
    recover()
    job.refresh_from_db()
    assert job.status == Status.COMPLETE
    assert [c["Names"] for c in scene.docker.containers(all=True)] == [["/app"]]
    assert run_in(scene.docker, "app", "cat", "/data/file") == "saved\n"
    assert run_in(scene.docker, "app", "ls", "-A", "/data") == "file\n"


def test_a_container_that_does_not_come_up_gives_its_place_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = restoring.plan_restore

    def with_a_broken_command(*arguments: Any) -> Any:
        made = plan(*arguments)
        made.body["Cmd"] = ["false"]
        return made

    monkeypatch.setattr(restoring, "plan_restore", with_a_broken_command)
    job = failed(scene.request())
    assert "exit" in job.error
    assert scene.look() == scene.before


def test_a_container_that_took_the_name_meanwhile_stays(
    scene: Scene, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.docker.remove_container("app", force=True)
    create, strangers = swap.create_container, []

    def after_somebody_else(*arguments: Any) -> str:
        strangers.append(make_container("app", command=FOREVER))
        return create(*arguments)

    monkeypatch.setattr(swap, "create_container", after_somebody_else)
    assert "app" in failed(scene.request()).error
    containers = scene.docker.containers(all=True)
    assert [(c["Id"], c["State"]) for c in containers] == [(strangers[0], "running")]


def test_an_engine_that_goes_away_in_the_middle_finds_everything_back_later(
    scene: Scene, engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_the_engine(blocks: Any, running: Any) -> Any:
        yield next(iter(blocks))
        engine.kill()
        yield from blocks

    monkeypatch.setattr(restoring, "counted", lose_the_engine)
    job = failed(scene.request())
    assert "cannot be reached" in job.error
    assert job.undo
    engine.start()
    settle()
    job.refresh_from_db()
    assert job.undo == []
    after = scene.look()
    assert after == scene.before


def test_an_engine_that_restarts_does_not_start_what_was_set_aside(
    scene: Scene, engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It starts whatever has the policy “always”, also what was stopped, on data half replaced."""

    def lose_the_engine(blocks: Any, running: Any) -> Any:
        yield next(iter(blocks))
        engine.kill()
        yield from blocks

    always = {"Name": "always", "MaximumRetryCount": 0}
    scene.docker.update_container(scene.container, restart_policy=always)
    monkeypatch.setattr(restoring, "counted", lose_the_engine)
    failed(scene.request())
    engine.start()
    assert not scene.docker.inspect_container(scene.container)["State"]["Running"]
    settle()
    assert scene.look() == scene.before
    found = scene.docker.inspect_container(scene.container)
    assert found["HostConfig"]["RestartPolicy"] == always


def test_a_cancelled_restore_leaves_what_was_there(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "reached"

    def until_cancelled(blocks: Any, running: Any) -> Any:
        marker.touch()
        while True:
            running.check()
            time.sleep(0.02)
        yield

    monkeypatch.setattr(restoring, "counted", until_cancelled)
    job = scene.request()
    with worker_process():
        wait_for(marker.exists, "the restore to have begun")
        cancel(job.progress_id)
        wait_for(lambda: Job.objects.get(pk=job.pk).ended, "the end")
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    assert scene.look() == scene.before


def test_a_shutdown_ends_a_restore_cleanly(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "reached"

    def until_told(blocks: Any, running: Any) -> Any:
        marker.touch()
        while True:
            running.check()
            time.sleep(0.02)
        yield

    monkeypatch.setattr(restoring, "counted", until_told)
    job = scene.request()
    with worker_process() as process:
        wait_for(marker.exists, "the restore to have begun")
        kill(process, 15)
    job.refresh_from_db()
    assert job.status == Status.INTERRUPTED
    assert scene.look() == scene.before


def truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


def foreign(data: bytes) -> bytes:
    return gzip.compress(b"somebody else's".ljust(10240, b"\0"))


def empty(data: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [truncated, foreign, empty])
def test_a_damaged_archive_is_refused_before_anything_is_touched(
    scene: Scene, damage: Callable[[bytes], bytes]
) -> None:
    path = scene.archives / scene.backup.filename
    path.write_bytes(damage(path.read_bytes()))
    before = scene.look()
    with pytest.raises(ArchiveProblem) as refusal:
        scene.request()
    assert refusal.value.status == 400
    assert scene.look() == before


def test_a_single_bit_that_changed_in_a_volume_is_found_before_anything_is_touched(
    scene: Scene,
) -> None:
    path = scene.archives / scene.backup.filename
    with ArchiveReader(path) as archive:
        part = archive.index.tree(archive.manifest["sources"][0]["key"])
    assert part
    data = bytearray(path.read_bytes())
    data[part.file_offset + part.file_size // 2] ^= 4
    path.write_bytes(data)
    before = scene.look()
    assert part.name in failed(scene.request()).error
    assert scene.look() == before


def test_an_archive_that_vanished_is_said_to_have(scene: Scene) -> None:
    job = scene.request()
    (scene.archives / scene.backup.filename).unlink()
    assert "its file is gone" in failed(job).error


@pytest.mark.parametrize("path", ["/", "/etc", "/var/run/docker.sock", "/proc/../etc"])
def test_an_archive_cannot_have_the_hosts_own_folders_overwritten(
    scene: Scene, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = ArchiveReader.read_json
    source = {"key": "x", "type": "bind", "name": path, "destinations": ["/x"]}

    def with_such_a_source(self: ArchiveReader, name: str) -> dict[str, Any]:
        found = original(self, name)
        return found | {"sources": [source]} if "sources" in found else found

    monkeypatch.setattr(ArchiveReader, "read_json", with_such_a_source)
    conflicts = container_preview(scene.backup.filename).conflicts
    assert any(conflict.kind == "folder" and not conflict.answer for conflict in conflicts)

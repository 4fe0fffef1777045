"""Whatever becomes of a rehearsal, nothing of it stays, and the record says nothing untrue."""

import time
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups import rehearsal
from backups import restore as restoring
from backups.gnutar.directory import DirectoryTransport
from backups.gnutar.messages import checked
from backups.models import Backup
from backups.rehearsal import Rehearsal, request_rehearsal
from jobs.models import Job, Status
from jobs.services import cancel
from jobs.worker import recover, settle
from tests.arrange import ContainerMaker, run_in
from tests.backups.steps import backed_up, failed, state_of_host
from tests.backups.workers import kill, worker_process
from tests.private_engine import PrivateEngine
from tests.waiting import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

FOREVER = ["sleep", "1000"]
STEPS = [
    *("bring_image", "make_networks", "made", "make_volumes", "transfer", "compare_content"),
    *("make_container", "put_files_in", "bring_up", "told"),
]


class Scene:
    """A container with a volume, a file of the host and an image that is only in its backup."""

    def __init__(self, docker: APIClient, make_container: ContainerMaker, file: Path) -> None:
        self.docker = docker
        file.write_text("saved")
        base = make_container("base", command=FOREVER)
        docker.commit(base, "local/app", "1", changes=["VOLUME /declared"])
        make_container(
            "app",
            image="local/app:1",
            command=FOREVER,
            host={"binds": ["app-data:/data", f"{file}:/etc/app.conf"], "init": True},
        )
        run_in(docker, "app", "sh", "-c", "echo saved > /data/file")
        self.backup = backed_up("app", include_bind_mounts=True, include_image=True)
        for name in ("app", "base"):
            docker.remove_container(name, force=True)
        docker.remove_image("local/app:1")
        self.before = self.look()

    def look(self) -> dict[str, Any]:
        images = sorted(image["Id"] for image in self.docker.images())
        return state_of_host(self.docker) | {"images": images}

    def request(self) -> Job:
        return request_rehearsal(self.backup.filename)

    def is_as_before(self) -> bool:
        """Whether nothing stayed, and nothing is claimed."""
        assert self.look() == self.before
        self.backup.refresh_from_db()
        assert (self.backup.proved_at, self.backup.rehearsal_problem) == (None, "")
        assert self.backup.verified
        return True


@pytest.fixture
def scene(
    docker: APIClient,
    make_container: ContainerMaker,
    data_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    monkeypatch.setattr(rehearsal, "STAY_UP_SECONDS", 1.5)
    return Scene(docker, make_container, tmp_path / "app.conf")


def stop_here(marker: Path) -> None:
    """Let the test know, and wait to be killed."""
    marker.touch()
    while True:
        time.sleep(60)


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_after_any_step_leaves_nothing(
    scene: Scene, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, original = tmp_path / "reached", getattr(Rehearsal, step)

    def then_stop(self: Rehearsal, *arguments: Any) -> Any:
        original(self, *arguments)
        stop_here(marker)

    monkeypatch.setattr(Rehearsal, step, then_stop)
    job = scene.request()
    with worker_process() as process:
        wait_for(marker.exists, f"the step {step}")
        kill(process)
    recover()
    job.refresh_from_db()
    assert (job.status, job.undo) == (Status.INTERRUPTED, [])
    assert scene.is_as_before()


@pytest.mark.parametrize(
    ("module", "act"),
    [
        (restoring, "make_network"),
        (restoring, "make_volume"),
        (restoring, "load_image"),
        (rehearsal, "create_container"),
    ],
)
def test_a_worker_killed_right_after_an_act_leaves_nothing(
    scene: Scene, module: Any, act: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, original = tmp_path / "reached", getattr(module, act)

    def then_stop(*arguments: Any, **options: Any) -> Any:
        original(*arguments, **options)
        stop_here(marker)

    monkeypatch.setattr(module, act, then_stop)
    scene.request()
    with worker_process() as process:
        wait_for(marker.exists, act)
        kill(process)
    recover()
    assert scene.is_as_before()


def test_a_worker_killed_while_it_removes_everything_has_that_finished(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, original = tmp_path / "reached", rehearsal.remove_helpers

    def then_stop(*arguments: Any) -> None:
        original(*arguments)
        stop_here(marker)

    monkeypatch.setattr(rehearsal, "remove_helpers", then_stop)
    scene.request()
    with worker_process() as process:
        wait_for(marker.exists, "the removal")
        kill(process)
    monkeypatch.undo()
    recover()
    assert scene.look() == scene.before
    scene.backup.refresh_from_db()
    assert scene.backup.proved_at  # it had come up


def test_an_engine_that_goes_away_finds_nothing_left_when_it_is_back(
    scene: Scene, engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Rehearsal.make_container

    def lose_the_engine(self: Rehearsal) -> str:
        made = original(self)
        engine.kill()
        return made

    monkeypatch.setattr(Rehearsal, "make_container", lose_the_engine)
    job = failed(scene.request())
    assert "cannot be reached" in job.error
    engine.start()
    settle()
    job.refresh_from_db()
    assert job.undo == []
    assert scene.is_as_before()


def test_a_full_disk_says_nothing_of_the_backup(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ["/usr/bin/tar: volumes/k/file: Cannot write: No space left on device"]
    monkeypatch.setattr(DirectoryTransport, "finish", lambda self, tar: checked(2, said, "k"))
    assert "file: Cannot write: there is no space left" in failed(scene.request()).error
    assert scene.is_as_before()


def test_it_can_be_cancelled_while_it_waits(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "STAY_UP_SECONDS", 600.0)
    job = scene.request()
    with worker_process():
        wait_for(
            lambda: Job.objects.get(pk=job.pk).step == "Waiting until it is up", "it to be started"
        )
        cancel(job.progress_id)
        wait_for(lambda: Job.objects.get(pk=job.pk).ended, "the end")
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    assert scene.is_as_before()


def test_a_backup_that_is_rehearsed_is_not_deleted(scene: Scene, admin_client: Any) -> None:
    Job.objects.filter(pk=scene.request().pk).update(status=Status.RUNNING)
    answer = admin_client.delete(f"/api/backup/{scene.backup.filename}")
    assert answer.status_code == 409
    assert Backup.objects.exists()

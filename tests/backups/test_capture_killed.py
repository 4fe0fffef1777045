"""Whenever the worker ends in the middle of a backup, everything is put back."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups import capture
from backups.capture import Capture
from backups.estimate import Estimate
from backups.files import archive_path
from backups.models import Backup
from backups.options import BackupOptions
from backups.services import request_backup
from jobs.models import Job, Status
from jobs.running import RunningJob
from jobs.services import cancel
from jobs.worker import recover
from tests.arrange import STUBBORN, ContainerMaker, has_come, left_by_jobs
from tests.backups.capturing import Scene
from tests.backups.workers import kill, wait_until, worker_process
from tests.site import ROOT
from tests.waiting import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

AT_ONCE = 40.0
"""Seconds: below the minute for which a call waits for an Engine that hangs."""


@pytest.fixture
def scene(docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> Scene:
    return Scene(docker, make_container, data_dir)


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


@pytest.fixture
def _endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has a backup be at its first block until it is told to end."""
    advance = RunningJob.advance

    def until_told(self: RunningJob, count: int) -> None:
        advance(self, count)
        wait_for(lambda: advance(self, 0), "the word to end")

    monkeypatch.setattr(RunningJob, "advance", until_told)


@pytest.mark.usefixtures("_endless")
@pytest.mark.parametrize("hold", ["none", "pause", "stop"])
def test_a_cancelled_backup_ends_at_once_and_leaves_nothing(scene: Scene, hold: str) -> None:
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


@pytest.mark.usefixtures("_endless")
def test_a_shutdown_ends_a_backup_cleanly(scene: Scene) -> None:
    job = scene.request()
    with worker_process() as process:
        wait_until(job, lambda job: job.bytes_done > 0)
        kill(process, signal.SIGTERM)

    job.refresh_from_db()
    assert job.status == Status.INTERRUPTED
    assert job.undo == []
    assert scene.is_as_before()


def test_the_real_worker_is_killed_and_the_next_one_puts_everything_back(
    scene: Scene, real_worker: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    marker = tmp_path / "reached"
    job = scene.request()
    worker = real_worker(
        DJANGO_SETTINGS_MODULE="tests.standing_still",
        STAND_STILL_IN="run_jobs",
        STAND_STILL="before backups.estimate:Estimate.keep_up",
        STAND_STILL_MARKER=str(marker),
    )
    wait_for(marker.exists, "the first block")
    worker.kill()
    worker.wait()
    assert scene.state()["Status"] == "exited"
    assert len(list(scene.directory.glob("*.partial"))) == 1

    following = real_worker()
    wait_for(lambda: Job.objects.get(pk=job.pk).ended, "the recovery")
    wait_for(lambda: left_by_jobs(scene.docker) == [], "the helper to go")
    following.terminate()

    assert following.wait() == 0
    job.refresh_from_db()
    assert job.status == Status.INTERRUPTED
    assert scene.is_as_before()


def test_a_stop_that_is_under_way_is_waited_for(
    docker: APIClient, make_container: ContainerMaker, data_dir: Path
) -> None:
    """The Engine goes on with it, and would leave the container stopped at its end."""
    made = make_container("app", command=STUBBORN, stop_timeout=5, host={"binds": ["data:/data"]})
    began = int(time.time()) - 1
    job = request_backup("app", BackupOptions(consistency="stop"))
    with worker_process() as process:
        wait_for(lambda: has_come(docker, made, "kill", began), "the stop to begin")
        kill(process)

    recover()

    wait_for(lambda: has_come(docker, made, "die", began), "the stop to be over")
    job.refresh_from_db()
    assert (job.status, job.undo) == (Status.INTERRUPTED, [])
    assert docker.inspect_container(made)["State"]["Running"]


@pytest.fixture
def real_worker(
    data_dir: Path, docker_host: str, settings: Any
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts `manage.py run_jobs` on the test's own database.

    Keyword arguments go into the environment.
    """
    workers: list[subprocess.Popen[bytes]] = []
    environment = {
        **os.environ,
        "CONTAINERMONKEY_DATA": str(data_dir),
        "DATABASE_URL": f"sqlite:///{settings.DATABASES['default']['NAME']}",
        "DOCKER_HOST": docker_host,
    }

    def start(**more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(ROOT / "manage.py"), "run_jobs"]
        workers.append(subprocess.Popen(command, env=environment | more))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.poll() is None:
            worker.kill()
            worker.wait()

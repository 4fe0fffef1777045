"""`manage.py run_jobs`: a worker that is asked to end, killed, or not the only one"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from jobs.models import Job, Status
from jobs.services import cancel, worker_is_alive
from tests.jobs.handlers import diary, enqueue_files, state
from tests.site import ROOT
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

Start = Callable[[], subprocess.Popen]
LONGEST = 60
"""Seconds: a worker begins and ends in two, but not on a machine that is busy."""


@pytest.fixture
def start_worker(data_dir: Path, engine) -> Iterator[Start]:
    """Starts workers on the database and the data directory of the test."""
    environment = {
        **os.environ,
        "CONTAINERMONKEY_DATA": str(data_dir),
        "DATABASE_URL": address_of_database(),
        "PYTHONPATH": str(ROOT),
    }
    workers = []

    def start() -> subprocess.Popen:
        worker = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "tests.jobs.worker_process"],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.kill()
        worker.wait()
        worker.stderr.close()


def address_of_database() -> str:
    """The test's own database, as DATABASE_URL names it."""
    name = connection.settings_dict["NAME"]
    address = os.environ.get("DATABASE_URL")
    return urlsplit(address)._replace(path=f"/{name}").geturl() if address else f"sqlite:///{name}"


def wait_until_ready(folder: Path) -> None:
    wait_for(lambda: "ready" in diary(folder), "the job to be in the middle", timeout=LONGEST)


def wait_for_state(job: Job, status: Status) -> None:
    wait_for(lambda: state(job).startswith(status), f"the job to be {status}", timeout=LONGEST)


def test_a_killed_worker_leaves_a_job_that_the_next_one_puts_back(start_worker, tmp_path):
    job = enqueue_files(tmp_path, "a", "b", ending="wait deaf")
    behind = enqueue_files(tmp_path, "c")
    worker = start_worker()
    wait_until_ready(tmp_path)
    assert worker_is_alive()

    worker.send_signal(signal.SIGKILL)
    worker.wait()

    assert not worker_is_alive()
    assert state(job) == Status.RUNNING
    assert (tmp_path / "a").exists()
    start_worker()
    wait_for_state(behind, Status.COMPLETE)
    assert state(job) == "interrupted: The worker ended in the middle of it."
    assert diary(tmp_path) == ["ready", "removed b", "removed a", "ready"]
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "c").exists()


def test_a_worker_that_is_asked_to_end_puts_back_and_ends_well(start_worker, tmp_path):
    job = enqueue_files(tmp_path, "a", ending="wait")
    behind = enqueue_files(tmp_path, "b")
    worker = start_worker()
    wait_until_ready(tmp_path)

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(LONGEST) == 0
    assert state(job) == "interrupted: The program was shut down in the middle of it."
    assert diary(tmp_path) == ["ready", "removed a"]
    assert state(behind) == Status.WAITING


def test_an_idle_worker_ends_when_asked_to(start_worker, tmp_path):
    worker = start_worker()
    wait_for(worker_is_alive, "the worker to begin", timeout=LONGEST)
    worker.send_signal(signal.SIGINT)
    assert worker.wait(LONGEST) == 0


def test_a_running_job_is_cancelled(start_worker, tmp_path):
    job = enqueue_files(tmp_path, "a", ending="wait")
    start_worker()
    wait_until_ready(tmp_path)
    assert cancel(job.progress_id).cancel_requested
    wait_for_state(job, Status.CANCELLED)
    assert diary(tmp_path) == ["ready", "removed a"]


def test_a_second_worker_waits_until_the_first_is_gone(start_worker, tmp_path):
    job = enqueue_files(tmp_path, "a", ending="wait")
    first = start_worker()
    wait_until_ready(tmp_path)
    following = enqueue_files(tmp_path, "b", ending="wait")
    second = start_worker()
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(3)
    assert state(job) == Status.RUNNING
    assert state(following) == Status.WAITING or state(following) == Status.QUEUED
    first.kill()
    first.wait()
    wait_for_state(job, Status.INTERRUPTED)
    cancel(following.progress_id)
    second.send_signal(signal.SIGTERM)
    assert second.wait(LONGEST) == 0

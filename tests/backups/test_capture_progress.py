"""What a backup tells of itself while it runs, and what it costs."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups.estimate import Estimate
from backups.models import Backup
from backups.options import BackupOptions
from backups.services import request_backup
from backups.sources import Source
from engine import engine as current_engine
from engine.disk_usage import volume_sizes
from jobs.models import Job, Kind, Status
from jobs.running import RunningJob
from tests.arrange import ContainerMaker
from tests.backups.steps import backed_up, finished, volume_path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

MEBIBYTE = 1 << 20
WORKER = """
import django, sys
django.setup()
from jobs.worker import run_next
assert run_next()
print(open("/proc/self/status").read())
"""


@pytest.fixture
def volume(docker: APIClient, make_container: ContainerMaker) -> Path:
    docker.create_volume("data")
    make_container("web", host={"binds": ["data:/data"]}, start=False)
    return volume_path(docker, "data")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the job's row said each time that progress was written; every block is written."""
    rows: list[dict[str, Any]] = []
    original = RunningJob._write_progress

    def write(self: RunningJob) -> None:
        original(self)
        fields = ("percent", "bytes_done", "bytes_total", "bytes_per_second", "step")
        rows.append(Job.objects.values(*fields).get(pk=self.job.pk))

    monkeypatch.setattr(RunningJob, "_write_progress", write)
    monkeypatch.setattr("jobs.running.WRITE_INTERVAL", 0)
    return rows


def fill(volume: Path, *, files: int, size: int) -> None:
    for number in range(files):
        (volume / f"file{number}").write_bytes(os.urandom(size))


def test_the_percentage_only_grows_and_ends_at_a_hundred(
    volume: Path, told: list[dict[str, Any]]
) -> None:
    fill(volume, files=3, size=5 * MEBIBYTE)
    backed_up("web", consistency="none")
    told.clear()

    job = finished(request_backup("web", BackupOptions()))

    percents = [row["percent"] for row in told if row["percent"] is not None]
    assert percents == sorted(percents)
    assert len(set(percents)) > 10
    assert max(percents) <= 100
    assert job.percent == 100


def test_bytes_total_and_speed_are_told(volume: Path, told: list[dict[str, Any]]) -> None:
    fill(volume, files=3, size=5 * MEBIBYTE)
    backed_up("web")
    told.clear()

    finished(request_backup("web", BackupOptions()))

    reading = [row for row in told if row["step"].startswith("Reading")]
    assert reading[-1]["bytes_total"] == pytest.approx(15 * MEBIBYTE, rel=0.01)
    assert reading[-1]["bytes_done"] == pytest.approx(15 * MEBIBYTE, rel=0.01)
    assert reading[-1]["bytes_per_second"] > 0
    assert all(row["bytes_done"] <= row["bytes_total"] for row in reading)
    checking = [row for row in told if row["step"].startswith("Checking")]
    assert checking[-1]["bytes_total"] == Backup.objects.first().size


@pytest.mark.parametrize("change", ["more", "less", "many small"])
def test_a_total_that_was_wrong_is_put_right_on_the_way(
    volume: Path, told: list[dict[str, Any]], change: str
) -> None:
    fill(volume, files=2, size=5 * MEBIBYTE)
    backed_up("web")
    told.clear()
    if change == "more":
        fill(volume, files=9, size=5 * MEBIBYTE)
    elif change == "many small":
        fill(volume, files=3000, size=1)
    else:
        (volume / "file0").unlink()

    finished(request_backup("web", BackupOptions()))

    percents = [row["percent"] for row in told if row["percent"] is not None]
    assert percents == sorted(percents)
    rows = [row for row in told if row["bytes_total"] is not None]
    assert all(row["bytes_done"] <= row["bytes_total"] for row in rows)


def test_the_engine_counts_what_has_no_backup_yet(volume: Path, docker: APIClient) -> None:
    fill(volume, files=2, size=MEBIBYTE)
    running = RunningJob(Job.objects.create(kind=Kind.BACKUP, subject="web"))
    with current_engine() as client:
        assert volume_sizes(client)["data"] == pytest.approx(2 * MEBIBYTE, rel=0.01)

    estimate = Estimate(running)
    estimate.ask_engine({"data"}, image_size=1000)
    assert list(estimate.counted([b"block"])) == [b"block"]

    assert running.job.bytes_total == pytest.approx(2 * MEBIBYTE + 1000, rel=0.01)


def test_an_answer_that_comes_too_late_changes_nothing(volume: Path, docker: APIClient) -> None:
    running = RunningJob(Job.objects.create(kind=Kind.BACKUP, subject="web"))
    estimate = Estimate(running)
    assert list(estimate.counted([b"block"])) == [b"block"]

    estimate.ask_engine({"data"}, image_size=0)

    assert running.job.bytes_total is None


def test_without_an_answer_the_total_stays_unknown(settings: Any, tmp_path: Path) -> None:
    running = RunningJob(Job.objects.create(kind=Kind.BACKUP, subject="web"))
    settings.DOCKER_HOST = f"unix://{tmp_path}/nobody.sock"
    source = Source("key", "volume", "data", ("/data",))
    estimate = Estimate(running)

    estimate.ask_engine({source.name}, image_size=0)
    list(estimate.counted([b"block"]))

    assert running.job.bytes_total is None


def test_an_image_counts_too(volume: Path, docker: APIClient, told: list[dict[str, Any]]) -> None:
    backed_up("web")
    told.clear()

    finished(request_backup("web", BackupOptions(include_image=True)))

    size = docker.inspect_image("busybox:test")["Size"]
    rows = [row for row in told if row["step"] == "Reading the image"]
    assert rows[-1]["bytes_done"] == pytest.approx(size, rel=0.2)
    assert rows[-1]["bytes_total"] >= rows[-1]["bytes_done"]


@pytest.mark.django_db(transaction=True)
def test_memory_stays_small_whatever_the_size(
    volume: Path, data_dir: Path, docker_host: str, settings: Any
) -> None:
    fill(volume, files=1, size=200 * MEBIBYTE)
    (volume / "text").write_bytes(b"all work and no play makes a dull backup\n" * 2_500_000)
    job = request_backup("web", BackupOptions())
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "containermonkey.settings",
        "CONTAINERMONKEY_DATA": str(data_dir),
        "DATABASE_URL": f"sqlite:///{settings.DATABASES['default']['NAME']}",
        "DOCKER_HOST": docker_host,
    }

    run = subprocess.run(
        [sys.executable, "-c", WORKER], env=environment, check=True, capture_output=True, text=True
    )

    job.refresh_from_db()
    assert job.status == Status.COMPLETE, job.error
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", run.stdout)[1]) / 1024
    assert peak < 150
    assert Backup.objects.get().size > 200 * MEBIBYTE

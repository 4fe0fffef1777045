"""Backups to look at, download, delete and restore."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from backups import services
from backups.files import archive_path
from backups.models import Backup
from backups.options import BackupOptions
from jobs.models import Job, Status
from jobs.worker import run_next
from tests.arrange import ContainerMaker, run_in
from tests.backups.brought import write_archive
from tests.backups.person import Person
from tests.house import SCRATCH

MakeBackup = Callable[..., Backup]
SmallDisk = Callable[[Path, int], None]

KEPT = SCRATCH.path / "kept-backup"
_kept: list[Backup] = []


@pytest.fixture
def web(docker, make_container) -> str:
    """A running container `web` with a port, an environment and a volume `web_data`."""
    container = make_container(
        "web",
        ports=[80],
        environment={"GREETING": "hello <b>you</b>", "PASSWORD": "s3cret"},
        labels={"about": "<script>alert(1)</script>", "items": "apples"},
        host={"binds": ["web_data:/data"], "port_bindings": {80: 8080}},
    )
    files = "mkdir -p folder/below; echo one > first; echo two > folder/second"
    run_in(docker, container, "sh", "-ec", f"cd /data; {files}")
    return container


@pytest.fixture
def app(make_container: ContainerMaker, docker: APIClient) -> str:
    """A running container with a volume that holds a file."""
    docker.create_volume("app-data", labels={"keep": "yes"})
    container = make_container(
        "app", command=["sleep", "1000"], host={"binds": ["app-data:/data"], "init": True}
    )
    run_in(docker, container, "sh", "-c", "mkdir /data/sub; echo old > /data/sub/file")
    return container


@pytest.fixture
def make_backup(data_dir, db) -> MakeBackup:
    """Backs a container up and returns the backup."""

    def make(container: str, **options) -> Backup:
        job = services.request_backup(container, BackupOptions(**options))
        return Backup.objects.get(filename=finished(job).result["filename"])

    return make


@pytest.fixture
def backup(web, make_backup) -> Backup:
    """A backup of `web`, which still runs."""
    return make_backup("web")


@pytest.fixture
def kept_backup(request: pytest.FixtureRequest, data_dir: Path, db: None) -> Backup:
    """What `backup` gives, without the container, for tests that only read it.

    It is made once: making it takes seconds.
    """
    if not _kept:
        request.getfixturevalue("web")
        made = request.getfixturevalue("make_backup")("web")
        KEPT.mkdir()
        shutil.copy2(archive_path(made.filename), KEPT)
        _kept.append(made)
        return copy(made)
    backup = copy(_kept[0])
    backup.pk = None
    backup.save(force_insert=True)
    shutil.copy2(KEPT / backup.filename, data_dir / "backups")
    return backup


@pytest.fixture
def make_archive(tmp_path, data_dir) -> Callable[..., Path]:
    """Writes archives outside of the backup directory."""

    def make(manifest: Any = None, inspect: Any = None, name: str = "brought.tar.gz") -> Path:
        return write_archive(tmp_path / name, manifest, inspect)

    return make


@pytest.fixture
def person(site) -> Person:
    """Somebody at the running program, with connections of their own."""
    return Person(site)


def finished(job: Job) -> Job:
    """Do the job as the worker would; it has to be complete afterwards."""
    assert run_next()
    job.refresh_from_db()
    assert job.status == Status.COMPLETE, f"{job.status}: {job.error}\n{job.log}"
    return job


@pytest.fixture
def client(admin_client: Client) -> Client:
    """Somebody who may do everything; what each role may is told in `accounts/test_rights.py`."""
    return admin_client


@pytest.fixture
def through_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has volumes travel through the Engine's archive calls, as where nothing else works."""
    monkeypatch.setattr("backups.ways.works_here", lambda: False)


@pytest.fixture
def small_disk() -> Iterator[SmallDisk]:
    """Makes a directory a disk of its own, of so many MiB."""
    mounted: list[Path] = []

    def mount(directory: Path, size: int) -> None:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(directory)]
        subprocess.run(command, check=True)
        mounted.append(directory)

    yield mount
    for directory in mounted:
        subprocess.run(["umount", str(directory)], check=True)

"""Backups that are watched, or disturbed, at a known point."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups.estimate import Estimate
from backups.gnutar.directory import DirectoryTransport
from backups.models import Backup
from backups.options import BackupOptions
from backups.services import request_backup
from backups.transport import EngineTransport
from jobs.models import Job
from tests.arrange import JOB_LABEL, ContainerMaker, left_by_jobs
from tests.backups.steps import volume_path

MEBIBYTE = 1 << 20


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


def at_first_block(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Have something done once, when the first block of a volume has come."""
    original, done = Estimate.counted, []

    def counted(self: Estimate, blocks: Any) -> Iterator[Any]:
        for block in original(self, blocks):
            if not done:
                done.append(True)
                act()
            yield block

    monkeypatch.setattr(Estimate, "counted", counted)


def while_reading(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> list[Any]:
    """Have something done whenever a volume begins to be read; what it answered."""
    answers: list[Any] = []
    for transport in (EngineTransport, DirectoryTransport):
        act_before_reading(monkeypatch, transport, lambda: answers.append(act()))
    return answers


def act_before_reading(
    monkeypatch: pytest.MonkeyPatch, transport: Any, act: Callable[[], Any]
) -> None:
    original = transport.reading

    @contextmanager
    def reading(self: Any, mount: dict[str, Any], job: str) -> Iterator[Any]:
        act()
        with original(self, mount, job) as blocks:
            yield blocks

    monkeypatch.setattr(transport, "reading", reading)


def states(docker: APIClient) -> dict[str, str]:
    """The state of every container that is not a job's, by its name."""
    return {
        row["Names"][0][1:]: row["State"]
        for row in docker.containers(all=True)
        if JOB_LABEL not in (row["Labels"] or {})
    }


def state_of(docker: APIClient, container: str) -> dict[str, Any]:
    return docker.inspect_container(container)["State"]

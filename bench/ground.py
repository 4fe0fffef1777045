"""A private Engine, a database and a data directory that exist only while measuring."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker import APIClient

from tests.private_engine import PrivateEngine


@dataclass
class Ground:
    """Where the measurements happen."""

    path: Path
    engine: PrivateEngine
    docker: APIClient

    def volume(self, name: str) -> Path:
        """A new volume and where it lies on this machine."""
        self.docker.create_volume(name)
        return Path(self.docker.inspect_volume(name)["Mountpoint"])

    @property
    def environment(self) -> dict[str, str]:
        """In which Docker's own command line finds the Engine."""
        return os.environ | {"DOCKER_HOST": self.engine.docker_host}

    def docker_command(self, *arguments: str, **kwargs: Any) -> subprocess.CompletedProcess:
        """Docker's own command line, which the figures are compared with."""
        return subprocess.run(["docker", *arguments], env=self.environment, check=True, **kwargs)


@contextmanager
def ground() -> Iterator[Ground]:
    """Everything that is needed, and nothing of it afterwards."""
    path = Path(tempfile.mkdtemp(prefix="bench."))
    engine = PrivateEngine(path / "engine")
    try:
        engine.start()
        os.environ["DOCKER_HOST"] = engine.docker_host
        os.environ["CONTAINERMONKEY_DATA"] = str(path / "data")
        os.environ["DJANGO_SETTINGS_MODULE"] = "containermonkey.settings"
        with engine.client() as docker:
            yield Ground(path, engine, docker)
    finally:
        engine.stop()
        shutil.rmtree(path, ignore_errors=True)


def seconds(function: Callable[[], Any]) -> float:
    """How long a call takes."""
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def next_job(way: str) -> int:
    """Have a worker process do the next job in one way; its peak of memory in bytes."""
    command = [sys.executable, "-m", "bench.worker", way]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return int(done.stdout) * 1024


def settle(path: Path) -> None:
    """Have what was written on the disk, so that it is not written during the next measurement."""
    os.sync()
    path.stat()

"""The program as a person runs it: `manage.py serve`, a real process on a port of its own."""

import contextlib
import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests import processes
from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT = 60
# Longer than the program gives its own children.
STOP_TIMEOUT = 45


class Site:
    """One running program with its own data directory."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = data_dir.with_suffix(".log")
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = {
            **os.environ,
            "PORT": str(self.port),
            "CONTAINERMONKEY_DATA": str(data_dir),
            "CONTAINERMONKEY_ALLOW_DEFAULT_PASSWORD": "1",
            **environment,
        }

    def start(self) -> None:
        """Start the program and return when it says that it is well."""
        # The leash ends the program with the tests, also where these are killed.
        leash = ["setpriv", "--pdeathsig", "TERM", "--"]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [*leash, sys.executable, str(ROOT / "manage.py"), "serve"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(self._well_or_over, f"the site to start:\n{self.log}", START_TIMEOUT)
        assert self.process.poll() is None, f"`manage.py serve` ended:\n{self.log}"

    def stop(self) -> int:
        """Ask the program to end, see that all of it does, and return its exit status."""
        assert self.process, "the site was never started"
        below = processes.descendants(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_TIMEOUT)
            left = [pid for pid in below if processes.alive(pid)]
            assert not left, f"`manage.py serve` left processes running:\n{self.log}"
        finally:
            self.kill()
        return status

    def kill(self) -> None:
        """End every process of the program at once, as a power cut would."""
        if self.process is None:
            return
        for pid in [self.process.pid, *processes.descendants(self.process.pid)]:
            processes.send(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @property
    def running(self) -> bool:
        """Whether the program's first process is alive."""
        return self.process is not None and self.process.poll() is None

    @property
    def log(self) -> str:
        """What the program has written so far."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def restore(self, database: Path) -> None:
        """Bring the database back to what was kept in `database`, and remove all archives.

        The processes go on; the next thing they read is what was kept.
        """
        if not self.running:
            self.start()
        wait_for(lambda: self.running_jobs() == 0, f"jobs to end:\n{self.log}", STOP_TIMEOUT)
        copy_database(database, self.database)
        for archive in (self.data_dir / "backups").iterdir():
            archive.unlink()

    def running_jobs(self) -> int:
        """How many jobs are not over."""
        query = "SELECT count(*) FROM jobs_job WHERE finished_at IS NULL"
        with contextlib.closing(sqlite3.connect(self.database, timeout=20)) as connection:
            return connection.execute(query).fetchone()[0]

    @property
    def database(self) -> Path:
        """The program's SQLite file."""
        return self.data_dir / "containermonkey.sqlite3"

    def is_well(self) -> bool:
        """Whether /healthz says so."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _well_or_over(self) -> bool:
        return self.is_well() or not self.running


def copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite database as a whole, also into one that is in use."""
    with (
        contextlib.closing(sqlite3.connect(source, timeout=20)) as old,
        contextlib.closing(sqlite3.connect(target, timeout=20)) as new,
    ):
        old.backup(new)


def migrated_data(directory: Path) -> Path:
    """Make a data directory with an up to date database, to begin sites from."""
    environment = {**os.environ, "CONTAINERMONKEY_DATA": str(directory)}
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return directory


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

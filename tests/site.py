"""The program as a person runs it: `manage.py serve`, a real process on a port of its own."""

import contextlib
import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests import processes
from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parent.parent
# A start takes two seconds, and fifty on a machine that is busy.
START_TIMEOUT = 180
# Longer than the program gives its own children.
STOP_TIMEOUT = 120


class Site:
    """One running program with its own data directory."""

    def __init__(self, data_dir: Path, *options: str, **environment: str) -> None:
        self.data_dir = data_dir
        self.command = [sys.executable, str(ROOT / "manage.py")]
        self.options = options
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = data_dir.with_suffix(".log")
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = {
            **without_database(),
            "PORT": str(self.port),
            "CONTAINERMONKEY_DATA": str(data_dir),
            "CONTAINERMONKEY_ALLOW_DEFAULT_PASSWORD": "1",
            **environment,
        }

    @classmethod
    def beside(cls, other: "Site", *options: str, name: str) -> "Site":
        """Another web server for the same data, with options of `serve`."""
        site = cls(other.data_dir, *options)
        site.environment = {**other.environment, "PORT": str(site.port)}
        site.log_file = other.log_file.with_suffix(f".{name}.log")
        return site

    def start(self) -> None:
        """Start the program and return when it says that it is well."""
        # The leash ends the program with the tests, also where these are killed.
        leash = ["setpriv", "--pdeathsig", "TERM", "--"]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [*leash, *self.command, "serve", *self.options],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(self._well_or_over, "the site to start", START_TIMEOUT, self._told)
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

    def _told(self) -> str:
        return f"\n{self.log}"

    def restore(self, database: Path) -> None:
        """Bring the database back to what was kept in `database`, and remove all archives.

        The processes go on; the next thing they read is what was kept.
        """
        if not self.running:
            self.start()
        wait_for(lambda: self.running_jobs() == 0, "jobs to end", STOP_TIMEOUT, self._told)
        copy_database(database, self.database)
        for archive in (self.data_dir / "backups").iterdir():
            archive.unlink(missing_ok=True)  # of a broken upload, the server removes it too

    def running_jobs(self, also: str = "TRUE") -> int:
        """How many jobs are not over, of which something holds."""
        query = f"SELECT count(*) FROM jobs_job WHERE finished_at IS NULL AND {also}"  # noqa: S608
        with contextlib.closing(sqlite3.connect(self.database, timeout=20)) as connection:
            return connection.execute(query).fetchone()[0]

    @contextlib.contextmanager
    def job_in_the_middle(self) -> Iterator[None]:
        """A job that moves data, as it is once its speed is known: the worker stands still.

        On a busy machine a page may take longer to look at it than the job takes to be over.
        """
        wait_for(lambda: self.running_jobs("bytes_per_second > 0"), "a job to move data", 60)
        worker = self.worker
        with contextlib.closing(sqlite3.connect(self.database, timeout=20)) as connection:
            connection.execute("BEGIN IMMEDIATE")  # so that it keeps nobody else from writing
            processes.send(worker, signal.SIGSTOP)
            wait_for(lambda: processes.stopped(worker), "the worker to stand still")
            connection.rollback()
        try:
            yield
        finally:
            processes.send(worker, signal.SIGCONT)

    @property
    def worker(self) -> int:
        """The process that runs the jobs; 0 where there is none just now."""
        assert self.process, "the site was never started"
        below = processes.descendants(self.process.pid)
        return next((pid for pid in below if "run_jobs" in processes.command_line(pid)), 0)

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


def migrated_data(directory: Path, **environment: str) -> Path:
    """Make a data directory with an up to date database, to begin sites from."""
    environment = {
        **without_database(),
        "CONTAINERMONKEY_DATA": str(directory),
        **environment,
    }
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return directory


def without_database() -> dict[str, str]:
    """Our environment, but for a database that only the tests' own process works on."""
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

"""A PostgreSQL and a Redis that belong to one test run and disappear with it.

Each listens on a Unix socket in a directory of its own, so that two runs do not meet, runs as the
system user that Debian's package made for it, and ends with the tests, also where these are killed.
Debian's own services are neither used nor touched.
"""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis

from tests import processes, scratch
from tests.waiting import wait_for

PASSWORD = "marker-of-a-servers-password"
START_TIMEOUT = 60.0
# What is tested is not what survives a power cut of this machine.
HASTY = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


class PrivateServer:
    """A server in a directory that is its user's own; the directories above can be passed."""

    user: str

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, on the data that it left; return when it answers."""
        with (self.directory.with_suffix(".log")).open("ab") as log:
            self.process = subprocess.Popen(
                self.as_its_user(*self.command(), leash=self.leash()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for(self._answers_or_over, f"{self.user} to answer:\n{self.log}", START_TIMEOUT)
        assert self.process.poll() is None, f"{self.user} ended at once:\n{self.log}"

    def stop(self) -> None:
        """End the server in order; the data stays. Safe to repeat."""
        self._end(signal.SIGTERM)

    def remove(self) -> None:
        """End the server and remove what it has written."""
        self._end(signal.SIGTERM)
        if self.directory.exists():
            scratch.remove_tree(self.directory)

    @property
    def log(self) -> str:
        return self.directory.with_suffix(".log").read_text(errors="replace")

    def prepare(self) -> None:
        """Make the directory."""
        self.directory.mkdir()
        shutil.chown(self.directory, self.user, self.user)
        for above in self.directory.parents[:2]:
            above.chmod(above.stat().st_mode | 0o111)

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def leash(self) -> list[str]:
        return ["setpriv", "--pdeathsig", "KILL"]

    def as_its_user(self, *command: str, leash: list[str]) -> list[str]:
        # Changing the user takes the leash off, so that comes afterwards.
        own = ["setpriv", "--reuid", self.user, "--regid", self.user, "--clear-groups", "--"]
        return [*own, *leash, *(["--"] if leash else []), *command]

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        processes.send(self.process.pid, number)
        try:
            self.process.wait(START_TIMEOUT)
        finally:
            with suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait()
            self.process = None

    def _answers_or_over(self) -> bool:
        return self.answers() or (self.process is not None and self.process.poll() is not None)


class PrivatePostgres(PrivateServer):
    user = "postgres"

    def prepare(self) -> None:
        super().prepare()
        password = self.directory.with_suffix(".password")
        password.write_text(PASSWORD)
        password.chmod(0o644)
        initdb = [program("initdb"), "--pgdata", str(self.directory / "data"), "--no-sync"]
        who = ["--username", "monkey", "--auth", "scram-sha-256", "--pwfile", str(password)]
        subprocess.run(
            self.as_its_user(*initdb, *who, "--encoding", "UTF8", "--locale", "C.UTF-8", leash=[]),
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )

    def command(self) -> list[str]:
        settings = ["listen_addresses=", f"unix_socket_directories={self.directory}", *HASTY]
        options = [word for each in settings for word in ("-c", each)]
        return [program("postgres"), "-D", str(self.directory / "data"), *options]

    def leash(self) -> list[str]:
        # An order to end at once, with which it also removes its shared memory.
        return ["setpriv", "--pdeathsig", "QUIT"]

    def stop(self) -> None:
        """End the server without waiting for those who are connected."""
        self._end(signal.SIGINT)

    def remove(self) -> None:
        self.stop()
        super().remove()

    def answers(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.url("postgres")):
            return True
        return False

    def make_database(self, name: str, template: str = "template0") -> str:
        """Make a database, as a copy of another; its address for DATABASE_URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[call-overload]
        return self.url(name)

    def url(self, database: str) -> str:
        place = quote(str(self.directory), safe="")
        return f"postgres://monkey:{PASSWORD}@{place}/{database}"


class PrivateRedis(PrivateServer):
    user = "redis"

    def command(self) -> list[str]:
        socket = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        nothing_kept = ["--save", "", "--appendonly", "no", "--dir", str(self.directory)]
        return ["/usr/bin/redis-server", *socket, *nothing_kept, "--requirepass", PASSWORD]

    @property
    def socket(self) -> Path:
        return self.directory / "redis.sock"

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.exceptions.RedisError:
            return False

    @property
    def url(self) -> str:
        return f"unix://:{PASSWORD}@{self.socket}"


def program(name: str) -> str:
    """A program of Debian's PostgreSQL, the newest that there is; they are not on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=version_of)
    assert found, f"There is no {name}: `make test` installs Debian's postgresql as root."
    return os.fspath(found[-1])


def version_of(path: Path) -> int:
    return int(path.parent.parent.name)

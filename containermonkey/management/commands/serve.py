"""The whole program in one command: migrations, then the web server and the worker."""

import fcntl
import logging
import resource
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.services import ensure_first_user
from backups.files import remove_left_behind
from backups.scanning import scan_for_news
from containermonkey.problems import Problem
from system.check import exposure

logger = logging.getLogger(__name__)

ADDRESS = "0.0.0.0"  # noqa: S104 - a server is to be reached
GRACE_SECONDS = 30
"""How long the processes may take to end by themselves: a job puts back what it changed."""

OPEN_FILES = 8192

RESTARTS = 5
RESTART_WINDOW = 60.0
"""A worker that dies more than five times in a minute will not be helped by another start."""


class Command(BaseCommand):
    help = "Runs the migrations, then the web server and the worker, until it is told to end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-worker",
            action="store_true",
            help="Run the web server alone. Another serve or run_jobs with the same data directory "
            "works on the queue.",
        )

    def handle(self, *args: Any, no_worker: bool = False, **options: Any) -> None:
        check_port()
        with one_at_a_time():
            if prepare_database():
                self.stdout.write(
                    "First user: monkeysee, password monkeydo, to be changed at once."
                )
            look_at_archives()
        allow_open_files()
        for check in exposure.at_start():
            logger.warning("%s: %s %s", check.name, check.detail, check.fix)
        self.stdout.write(
            f"Container Monkey {settings.VERSION} on http://localhost:{settings.PORT}"
        )
        self.stdout.flush()
        raise SystemExit(Processes(with_worker=not no_worker).run())


def check_port() -> None:
    """Raise CommandError, naming the variable, where the port cannot be had."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, settings.PORT))
        except OSError as error:
            raise CommandError(f"PORT: {settings.PORT} cannot be used: {error.strerror}") from error


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Have others that start with the same data directory wait: two cannot migrate one database."""
    with (settings.DATA_DIR / "start.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare_database() -> bool:
    """Bring the database up to date; tell whether the first user was made.

    Raise CommandError, naming the variable, where the database cannot be used.
    """
    try:
        call_command("migrate", interactive=False, verbosity=0)
        return ensure_first_user()
    except DatabaseError as error:
        variable = "DATABASE_URL" if settings.DATABASE_URL else "CONTAINERMONKEY_DATA"
        reason = " ".join(str(error).split())
        raise CommandError(f"{variable}: the database cannot be used: {reason}") from error


def look_at_archives() -> None:
    """Remove what was left half written, and have archives that nobody knows looked at by a job."""
    try:
        remove_left_behind()
        scan_for_news()
    except (Problem, OSError) as problem:
        logger.warning("The backup directory was not looked through: %s", problem)


def allow_open_files() -> None:
    """Let the processes have many connections at once: each is an open file, and the usual limit
    of 1,024 is soon reached by those who open them and say nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < OPEN_FILES:
        most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class Processes:
    """The web server and the worker, which live and end together."""

    def __init__(self, *, with_worker: bool = True) -> None:
        self.with_worker = with_worker
        self.ending = False
        self.worker_starts: list[float] = []

    def run(self) -> int:
        """Run both until one of them or a signal ends it; the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        web = start(web_command())
        worker = self._start_worker() if self.with_worker else None
        try:
            while not self.ending:
                if web.poll() is not None:
                    return web.returncode or 1
                if worker is not None and worker.poll() is not None:
                    if self._worker_keeps_dying():
                        return worker.returncode or 1
                    worker = self._start_worker()
                time.sleep(0.2)
            return 0
        finally:
            end_all([each for each in (web, worker) if each is not None])

    def _end(self, *_: object) -> None:
        self.ending = True

    def _start_worker(self) -> subprocess.Popen:
        self.worker_starts.append(time.monotonic())
        return start([sys.executable, str(settings.BASE_DIR / "manage.py"), "run_jobs"])

    def _worker_keeps_dying(self) -> bool:
        since = time.monotonic() - RESTART_WINDOW
        self.worker_starts = [at for at in self.worker_starts if at > since]
        return len(self.worker_starts) > RESTARTS


def web_command() -> list[str]:
    """uvicorn: measured, it holds neither a large upload nor a slow client's download in memory."""
    return [
        *[sys.executable, "-m", "uvicorn", "containermonkey.asgi:application"],
        *["--host", ADDRESS, "--port", str(settings.PORT)],
        *["--no-server-header", "--no-access-log", "--timeout-graceful-shutdown", "5"],
        # Pings keep proxies from closing what is idle, and find out who has gone without a word.
        *["--ws-ping-interval", "20", "--ws-ping-timeout", "20", "--ws-max-size", str(2 << 20)],
        # Compressing what a flood of output brings would hold up everybody's keys.
        *["--ws-per-message-deflate", "false"],
        # Whom to believe about callers is decided in containermonkey.front.
        *["--lifespan", "on", "--log-level", "warning", "--no-proxy-headers"],
        *["--http", "containermonkey.front.patience:PatientProtocol"],
    ]


def start(command: list[str]) -> subprocess.Popen:
    """Start a child that gets its signals from us alone, not from the terminal as well."""
    return subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True)


def end_all(processes: list[subprocess.Popen]) -> None:
    """Ask all to end, wait for them, and end by force what does not."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

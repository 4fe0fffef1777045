"""The whole program in one command: migrations, then the web server and the worker."""

import logging
import signal
import socket
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.services import ensure_first_user
from backups.files import remove_left_behind
from backups.scanning import scan_for_news
from containermonkey.problems import Problem

logger = logging.getLogger(__name__)

ADDRESS = "0.0.0.0"  # noqa: S104 - a server is to be reached
GRACE_SECONDS = 30
"""How long the processes may take to end by themselves: a job puts back what it changed."""

RESTARTS = 5
RESTART_WINDOW = 60.0
"""A worker that dies more than five times in a minute will not be helped by another start."""


class Command(BaseCommand):
    help = "Runs the migrations, then the web server and the worker, until it is told to end."

    def handle(self, *args: Any, **options: Any) -> None:
        check_port()
        if prepare_database():
            self.stdout.write("First user: monkeysee, password monkeydo, to be changed at once.")
        look_at_archives()
        self.stdout.write(
            f"Container Monkey {settings.VERSION} on http://localhost:{settings.PORT}"
        )
        self.stdout.flush()
        raise SystemExit(Processes().run())


def check_port() -> None:
    """Raise CommandError, naming the variable, where the port cannot be had."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, settings.PORT))
        except OSError as error:
            raise CommandError(f"PORT: {settings.PORT} cannot be used: {error.strerror}") from error


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


class Processes:
    """The web server and the worker, which live and end together."""

    def __init__(self) -> None:
        self.ending = False
        self.worker_starts: list[float] = []

    def run(self) -> int:
        """Run both until one of them or a signal ends it; the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        web, worker = start(web_command()), self._start_worker()
        try:
            while not self.ending:
                if web.poll() is not None:
                    return web.returncode or 1
                if worker.poll() is not None:
                    if self._worker_keeps_dying():
                        return worker.returncode or 1
                    worker = self._start_worker()
                time.sleep(0.2)
            return 0
        finally:
            end_all([web, worker])

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
    trusted = settings.TRUSTED_PROXIES
    proxies = (
        ["--proxy-headers", "--forwarded-allow-ips", ",".join(trusted)]
        if trusted
        else ["--no-proxy-headers"]
    )
    return [
        *[sys.executable, "-m", "uvicorn", "containermonkey.asgi:application"],
        *["--host", ADDRESS, "--port", str(settings.PORT)],
        *["--no-server-header", "--no-access-log", "--timeout-graceful-shutdown", "5"],
        # Pings keep proxies from closing what is idle, and find out who has gone without a word.
        *["--ws-ping-interval", "20", "--ws-ping-timeout", "20", "--ws-max-size", str(2 << 20)],
        # Compressing what a flood of output brings would hold up everybody's keys.
        *["--ws-per-message-deflate", "false"],
        *["--lifespan", "off", "--log-level", "warning", *proxies],
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

"""A worker in a process of its own, which a test may kill at a chosen point."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from django.db import connections

from engine.client import forget_clients
from jobs.models import Job
from jobs.running import ShutdownFlag
from jobs.worker import run_next
from tests.waiting import wait_for


def worker_process() -> AbstractContextManager[int]:
    """A process that does the next job; its id. Killed at the end if it is still there."""
    return process_that(do_next_job)


@contextmanager
def process_that(act: Callable[[], object]) -> Iterator[int]:
    """A process that does something; its id. Killed at the end if it is still there."""
    connections.close_all()
    process = os.fork()
    if process == 0:
        try:
            connections.close_all()
            forget_clients()
            act()
        finally:
            os._exit(0)
    try:
        yield process
    finally:
        if is_alive(process):
            kill(process)


def do_next_job() -> None:
    """The body of the process: as `run_jobs` does it, for one job."""
    shutdown = ShutdownFlag()
    signal.signal(signal.SIGTERM, shutdown.set)
    run_next(shutdown)


def is_alive(process: int) -> bool:
    """Whether the process has not ended; takes note of its end."""
    try:
        return os.waitpid(process, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


def kill(process: int, number: int = signal.SIGKILL) -> None:
    """Send a signal and wait for the end."""
    os.kill(process, number)
    os.waitpid(process, 0)


def wait_until(job: Job, condition: Callable[[Job], bool]) -> None:
    """Wait until the job's row says what is asked."""

    def holds() -> bool:
        job.refresh_from_db()
        if job.ended:
            raise AssertionError(f"the job has ended: {job.status} {job.error}")
        return condition(job)

    wait_for(holds, "the job to get that far")

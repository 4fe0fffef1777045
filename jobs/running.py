"""A job while it runs: what its handler reports to, and asks whether to go on."""

import time
from typing import Any

from django.utils import timezone

from containermonkey.database import without_haste
from jobs.models import Job, Status
from jobs.text import storable
from jobs.undo import Cancelled, Undo

WRITE_INTERVAL = 0.25
"""Seconds between two writes of the progress: at most four a second."""

SMOOTHING_SECONDS = 5.0
"""The speed shown forgets what was longer ago than about this."""


class Interrupted(Exception):
    """The worker is shutting down."""


class ShutdownFlag:
    """Set by the worker's signal handler, read by the running job."""

    is_set = False

    def set(self, *_: object) -> None:
        self.is_set = True


class RunningJob:
    """The handler's side of a job.

    `shutdown` is asked whether the worker has been told to end.
    """

    def __init__(self, job: Job, shutdown: ShutdownFlag | None = None) -> None:
        self.job = job
        self.undo = Undo(job)
        self.shutdown = shutdown or ShutdownFlag()
        self._span = (0.0, 100.0)
        self._next_write = 0.0
        self._rate_mark: tuple[float, int] | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        return self.job.arguments

    @property
    def label(self) -> str:
        """The value of the helper containers' label."""
        return str(self.job.progress_id)

    def start(self) -> None:
        """Say that preparations are over and data begins to move."""
        self.job.status = Status.RUNNING
        self.job.save(update_fields=["status"])

    def step(self, text: str) -> None:
        """Say what is happening now, for people; a place to be cancelled at."""
        self.check()
        self.job.step = storable(text)[:300]
        self.log(text)

    def log(self, text: str) -> None:
        """Add a line to the job's log."""
        self.job.log += f"{timezone.now():%H:%M:%S} {storable(text)}\n"
        self.job.save(update_fields=["step", "log"])

    def measure(self, total: int | None, *, span: tuple[float, float] = (0.0, 100.0)) -> None:
        """Start counting bytes of a stage that takes the job's percentage through `span`."""
        self._span, self._rate_mark = span, (time.monotonic(), 0)
        self.job.bytes_done, self.job.bytes_total = 0, total
        self.job.bytes_per_second = None
        self._write_progress()

    def expect(self, total: int) -> None:
        """Set the stage's total when it becomes known on the way."""
        self.job.bytes_total = total

    def advance(self, count: int) -> None:
        """Count bytes that have moved; cheap enough to be called for every block."""
        self.job.bytes_done += count
        now = time.monotonic()
        if now >= self._next_write:
            self._next_write = now + WRITE_INTERVAL
            self._update_rate(now)
            self._write_progress()
            self.check()

    def reach(self, done: int, total: int | None) -> None:
        """Be at `done` of `total` bytes, where both are told and neither is counted here.

        What has been reached is not gone back from, as when a part is fetched a second time.
        """
        self.job.bytes_total = total
        self.advance(max(0, done - self.job.bytes_done))

    def check(self) -> None:
        """Raise Cancelled or Interrupted where the job has to end; past its commit it goes on."""
        if self.job.committed:
            return
        if self.shutdown.is_set:
            raise Interrupted
        if Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
            raise Cancelled

    def _update_rate(self, now: float) -> None:
        if self._rate_mark is None:
            self._rate_mark = (now, 0)
        marked_at, marked_bytes = self._rate_mark
        elapsed = max(now - marked_at, 1e-3)
        rate = (self.job.bytes_done - marked_bytes) / elapsed
        known = self.job.bytes_per_second
        weight = min(1.0, elapsed / SMOOTHING_SECONDS)
        self.job.bytes_per_second = rate if known is None else known + weight * (rate - known)
        self._rate_mark = (now, self.job.bytes_done)

    def _write_progress(self) -> None:
        first, last = self._span
        if self.job.bytes_total:
            share = min(1.0, self.job.bytes_done / self.job.bytes_total)
            self.job.percent = round(first + share * (last - first), 1)
        elif first:
            self.job.percent = first
        with without_haste():
            self.job.save(
                update_fields=["percent", "bytes_done", "bytes_total", "bytes_per_second"]
            )

"""A job while it runs: what its handler reports to, and asks whether to go on."""

import time
from typing import Any

from django.utils import timezone

from containermonkey.database import FAILURES, without_haste
from containermonkey.storable import storable
from jobs import outages
from jobs.models import Job, Status
from jobs.undo import Cancelled, Undo

WRITE_INTERVAL = 0.25
"""Seconds between two writes of the progress: at most four a second."""

SMOOTHING_SECONDS = 5.0
"""The speed shown forgets what was longer ago than about this."""


LONGEST_OUTAGE = 30.0
"""Seconds for which the database is waited for while a container stands still because of the job:
then it is better let go, and the job has failed."""


class Interrupted(Exception):
    """The worker is shutting down."""


class ShutdownFlag:
    """Set by the worker's signal handler, read by the running job."""

    is_set = False

    def set(self, *_: object) -> None:
        self.is_set = True


class RunningJob:
    """The handler's side of a job.

    `shutdown` is asked whether the worker has been told to end. While the database is away, what
    is only told is owed to it and the work goes on; what has to be written before an act waits.
    """

    def __init__(self, job: Job, shutdown: ShutdownFlag | None = None) -> None:
        self.job = job
        self.undo = Undo(job, self.may_wait)
        self.shutdown = shutdown or ShutdownFlag()
        self._owed: set[str] = set()
        self._away_since = self._away_until = 0.0
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
        self._tell("status")

    def step(self, text: str) -> None:
        """Say what is happening now, for people; a place to be cancelled at."""
        self.check()
        self.job.step = storable(text)[:300]
        self.log(text)

    def log(self, text: str) -> None:
        """Add a line to the job's log."""
        self.job.log += f"{timezone.now():%H:%M:%S} {storable(text)}\n"
        self._tell("step", "log")

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
        """Count bytes that have moved; cheap enough to be called for every block.

        A total that was told too small, as without a tar's end, grows with them.
        """
        self.job.bytes_done += count
        if self.job.bytes_total is not None:
            self.job.bytes_total = max(self.job.bytes_total, self.job.bytes_done)
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
        if not self._is_away and self._is_cancelled():
            raise Cancelled

    def may_wait(self) -> bool:
        """Whether the job may go on waiting for a database that is away."""
        now = time.monotonic()
        self._away_since = self._away_since or now
        too_long = self.job.held_still and now - self._away_since > LONGEST_OUTAGE
        return not (self.shutdown.is_set or too_long)

    @property
    def _is_away(self) -> bool:
        """Whether the database was away a moment ago."""
        return time.monotonic() < self._away_until

    def _is_cancelled(self) -> bool:
        try:
            return Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists()
        except FAILURES as error:
            self._miss(error)
            return False

    def _tell(self, *fields: str) -> None:
        """Write what people see of the job, with what is owed of it; owe it while that cannot be
        done."""
        self._owed.update(fields)
        if self._is_away:
            return
        try:
            self.job.save(update_fields=self._owed)
        except FAILURES as error:
            self._miss(error)
        else:
            self._owed.clear()
            self._away_since = 0.0

    def _miss(self, error: Exception) -> None:
        """Go on without the database for a moment; raise the error if it is no outage."""
        if not outages.passes(error):
            raise error
        now = time.monotonic()
        self._away_since = self._away_since or now
        self._away_until = now + outages.ASKED_AGAIN

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
            self._tell("percent", "bytes_done", "bytes_total", "bytes_per_second")

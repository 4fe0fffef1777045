"""Showing on a terminal how jobs get on, until all of them have ended."""

import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.base import OutputWrapper
from django.db.models.signals import post_save

from containermonkey import figures
from containermonkey.problems import Conflict
from containermonkey.templatetags.ui import progress_facts
from jobs.lock import only_worker
from jobs.models import ENDED, Job, Status
from jobs.running import ShutdownFlag
from jobs.services import cancel, worker_is_alive
from jobs.worker import recover, run_next

LOOK_INTERVAL = 0.25
"""Seconds between two looks at what the worker does."""

BEGINNING_OF_LINE = "\r\x1b[K"

WORKER_GRACE = 10.0
"""Seconds that a worker which is gone gets to come back before its place is taken."""


class Follower:
    """Follows jobs; where no worker is alive, it does the queue's work itself.

    One line that changes on a terminal, a line for every step elsewhere.
    """

    def __init__(self, jobs: Sequence[Job], out: OutputWrapper) -> None:
        self.ids = [job.pk for job in jobs]
        self.out, self.live = out, out.isatty()
        self.shutdown = ShutdownFlag()
        self.cancel_asked = False
        self._last_line: dict[int, str] = {}
        self._worker_seen_at = 0.0

    def until_ended(self) -> list[Job]:
        """Return when all have ended: the jobs as they are then, in the order given.

        Ctrl-C asks to cancel what is left and goes on following; a second one gives up.
        """
        with self._signals():
            while self._left() and not self.shutdown.is_set:
                if worker_is_alive():
                    self._watch()
                elif time.monotonic() - self._worker_seen_at > WORKER_GRACE:
                    self._work()
                else:
                    time.sleep(LOOK_INTERVAL)
        found = Job.objects.in_bulk(self.ids)
        jobs = [found[key] for key in self.ids]
        for job in jobs:
            self._show(job)
        return jobs

    def _watch(self) -> None:
        """Look once at what the worker has written."""
        self._worker_seen_at = time.monotonic()
        self._cancel_if_asked()
        for job in Job.objects.filter(pk__in=self.ids).order_by("pk"):
            self._show(job)
        time.sleep(LOOK_INTERVAL)

    def _work(self) -> None:
        """Be the worker until our jobs are done. Every write of a job's progress is shown."""
        try:
            with only_worker(), self._shown_when_saved():
                recover()
                while self._left() and not self.shutdown.is_set and run_next(self.shutdown):
                    self._cancel_if_asked()
        except Conflict:
            return  # a worker has come up in between, and is followed

    def _left(self) -> list[Job]:
        return list(Job.objects.filter(pk__in=self.ids).exclude(status__in=ENDED))

    def _cancel_if_asked(self) -> None:
        if not self.cancel_asked:
            return
        for job in self._left():
            try:
                cancel(job.progress_id)
            except Conflict:
                continue  # it has just come to its end

    def _show(self, job: Job) -> None:
        line = printable(live_line(job) if self.live and job.active else step_line(job))
        if self._last_line.get(job.pk) == line:
            return
        self._last_line[job.pk] = line
        if not self.live:
            self.out.write(line)
        elif job.ended:
            self.out.write(f"{BEGINNING_OF_LINE}{line}")
        elif job.active:
            # A line that wraps could not be taken back.
            room = shutil.get_terminal_size().columns - 1
            self.out.write(f"{BEGINNING_OF_LINE}{line[:room]}", ending="")
        self.out.flush()

    @contextmanager
    def _shown_when_saved(self) -> Iterator[None]:
        def show(instance: Job, **_: Any) -> None:
            self._cancel_if_asked()
            if instance.pk in self.ids:
                self._show(instance)

        post_save.connect(show, sender=Job)
        try:
            yield
        finally:
            post_save.disconnect(show, sender=Job)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        # A handler only sets a flag: the job looks at it between two steps, so that it can put
        # back what it changed. An exception out of nowhere would leave a container stopped.
        before = {
            signal.SIGINT: signal.signal(signal.SIGINT, self._interrupted),
            signal.SIGTERM: signal.signal(signal.SIGTERM, self.shutdown.set),
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _interrupted(self, *_: object) -> None:
        if self.cancel_asked:
            self.shutdown.set()
        self.cancel_asked = True


def step_line(job: Job) -> str:
    """`web: Reading volume data`, or how it ended."""
    if job.status != Status.COMPLETE:
        return f"{job.subject}: {job.step}"
    facts = [
        job.result.get("filename") or job.result.get("container_name"),
        figures.size(job.result["size"]) if "size" in job.result else "",
        f"in {figures.duration(job.took)}" if job.took else "",
    ]
    return f"{job.subject}: complete, {', '.join(fact for fact in facts if fact)}"


def live_line(job: Job) -> str:
    """`web: 62 % · 4.1 of 6.6 GiB · 212 MB/s · about 12 s left · Reading volume data`."""
    share = "" if job.percent is None else f"{job.percent:.0f} %"
    facts = (share, progress_facts(job), job.step)
    return f"{job.subject}: {' · '.join(fact for fact in facts if fact)}"


def printable(line: str) -> str:
    """A line without what would steer the terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in line)

"""One reader of the jobs' rows for everybody in this process who watches them.

The worker is another process and there is no broker between: the rows themselves tell. They are
read twice a second, and only while somebody watches.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from channels.db import database_sync_to_async
from django.db.models import Max, Q
from django.db.models.functions import Length

from containermonkey.database import FAILURES
from jobs import presentation, rendering
from jobs.mailbox import Mailbox
from jobs.models import UNFINISHED, Job
from jobs.rendering import Frame

logger = logging.getLogger(__name__)

POLL_INTERVAL = 0.5
"""Seconds between two readings."""


@dataclass(frozen=True)
class Reading:
    """What was found: the jobs that are not over, in their order, and the newest row ever seen."""

    current: dict[int, Job] = field(default_factory=dict)
    newest: int = 0


class Feed:
    """The reader and those who watch."""

    def __init__(self) -> None:
        self._mailboxes: set[Mailbox] = set()
        self._reader: asyncio.Task[None] | None = None
        self._reading: Reading | None = None

    @contextmanager
    def filling(self, mailbox: Mailbox) -> Iterator[None]:
        """Fill a mailbox while the block lasts, at first with how things are."""
        # A page that was made a moment ago may have missed the end of a job since then.
        mailbox.put(rendering.event(rendering.JOBS_CHANGED))
        for frame in frames_of_all(self._reading) if self._reading else ():
            mailbox.put(frame)
        self._mailboxes.add(mailbox)
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())
        try:
            yield
        finally:
            self._mailboxes.discard(mailbox)
            if not self._mailboxes:
                self._reader.cancel()
                self._reader = self._reading = None

    async def _read(self) -> None:
        is_lost = False
        while True:
            try:
                await self._read_once()
            except FAILURES as error:
                if not is_lost:
                    logger.error("The jobs cannot be read, and are tried again: %s", error)
                is_lost = True
            else:
                is_lost = False
            await asyncio.sleep(POLL_INTERVAL)

    async def _read_once(self) -> None:
        before = self._reading
        found, newest = await database_sync_to_async(rows_after)(before)
        self._reading = Reading({job.pk: job for job in found if not job.ended}, newest)
        frames = changes(before, found, self._reading) if before else frames_of_all(self._reading)
        for frame in frames:
            for mailbox in self._mailboxes:
                mailbox.put(frame)


feed = Feed()


def rows_after(before: Reading | None) -> tuple[list[Job], int]:
    """The jobs that are not over, and once more those that have ended since `before`."""
    wanted = Q(status__in=UNFINISHED)
    if before is None:
        newest = Job.objects.aggregate(newest=Max("pk"))["newest"] or 0
    else:
        newest = before.newest
        wanted |= Q(pk__in=list(before.current)) | Q(pk__gt=newest)
    found = Job.objects.filter(wanted).defer("log", "undo", "arguments")
    jobs = list(found.annotate(**{"log_length": Length("log")}).order_by("pk"))
    return jobs, max([newest, *(job.pk for job in jobs)])


def frames_of_all(reading: Reading) -> Iterator[Frame]:
    """Everything as it is."""
    places = presentation.places(reading.current.values())
    for job in reading.current.values():
        yield rendering.card(job, places.get(job.pk))
    yield rendering.chip(next(iter(reading.current.values()), None))


def changes(before: Reading, found: list[Job], after: Reading) -> Iterator[Frame]:
    """What is different from the reading before."""
    old_places = presentation.places(before.current.values())
    places = presentation.places(after.current.values())
    any_change = some_job_moved = False
    for job in found:
        old = before.current.get(job.pk)
        if old is not None and (
            shown_of(old) == shown_of(job) and old_places.get(job.pk) == places.get(job.pk)
        ):
            continue
        any_change = True
        some_job_moved |= old is None or old.status != job.status
        yield rendering.card(job, places.get(job.pk))
        if old is not None and old.log_length != job.log_length:
            yield rendering.event(rendering.log_event(job))
    if any_change:
        yield rendering.chip(next(iter(after.current.values()), None))
    if some_job_moved or before.current.keys() != after.current.keys():
        yield rendering.event(rendering.JOBS_CHANGED)


def shown_of(job: Job) -> tuple[object, ...]:
    """Everything of a job that pages show and that can change."""
    return (
        *(job.status, job.step, job.percent, job.error, job.cancel_requested),
        *(job.bytes_done, job.bytes_total, job.bytes_per_second, job.log_length),
    )

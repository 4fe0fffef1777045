"""What came of a schedule's runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from backups.models import Schedule, ScheduleRun
from backups.schedules.plain import in_words
from jobs.models import UNFINISHED, Job, Status

LATEST = 10
"""Runs that a schedule's page shows."""


@dataclass(frozen=True)
class Result:
    """What came of one container, or of one backup that was verified.

    `status` is that of its job, empty where there is none; `why` says what went wrong.
    """

    container: str
    filename: str
    status: str
    why: str
    progress_id: str | None

    @property
    def good(self) -> bool:
        return self.status == Status.COMPLETE

    @property
    def going(self) -> bool:
        return self.status in UNFINISHED


@dataclass(frozen=True)
class Outcome:
    """A run with what came of it."""

    run: ScheduleRun
    results: list[Result]

    @property
    def good(self) -> int:
        return sum(result.good for result in self.results)

    @property
    def going(self) -> int:
        return sum(result.going for result in self.results)

    @property
    def bad(self) -> int:
        return len(self.results) - self.good - self.going

    @property
    def warnings(self) -> list[str]:
        return list(self.run.warnings)

    @property
    def tone(self) -> str:
        """The tone of the whole: what failed goes before what is still going on."""
        if self.bad:
            return "bad"
        if self.going:
            return "info"
        return "warn" if self.warnings else "ok"

    @property
    def word(self) -> str:
        """`1 of 4 failed`, or what else there is to say in a few words."""
        if self.bad:
            return f"{self.bad} of {len(self.results)} failed"
        if self.going:
            return f"{self.going} of {len(self.results)} to come"
        if not self.results:
            return "Nothing covered" if self.warnings else "Nothing to do"
        return f"{self.good} good"


@dataclass(frozen=True)
class Standing:
    """A schedule with its last run."""

    schedule: Schedule
    last: Outcome | None

    @property
    def when(self) -> str:
        return in_words(self.schedule.expression)


def standings(schedules: Iterable[Schedule]) -> list[Standing]:
    """Each schedule with its last run; as many queries whatever their number."""
    schedules = list(schedules)
    newest = ScheduleRun.objects.filter(schedule__in=schedules).values("schedule")
    keys = newest.annotate(newest=Max("pk")).values_list("newest", flat=True)
    runs = ScheduleRun.objects.filter(pk__in=list(keys)).select_related("schedule")
    last = {outcome.run.schedule_id: outcome for outcome in outcomes(runs)}
    return [Standing(schedule, last.get(schedule.pk)) for schedule in schedules]


def latest(schedule: Schedule) -> list[Outcome]:
    """The last runs of a schedule, the newest first."""
    return outcomes(schedule.runs.order_by("-pk")[:LATEST])


def outcomes(runs: Iterable[ScheduleRun]) -> list[Outcome]:
    """The runs with what came of them, with one query for all their jobs."""
    runs = list(runs)
    ids = [entry["job"] for run in runs for entry in run.entries if entry["job"]]
    found = Job.objects.filter(progress_id__in=ids).only("progress_id", "status", "error", "step")
    jobs = {str(job.progress_id): job for job in found}
    return [
        Outcome(run, [result_of(entry, jobs.get(entry["job"] or "")) for entry in run.entries])
        for run in runs
    ]


def result_of(entry: dict[str, Any], job: Job | None) -> Result:
    return Result(
        container=entry["container"],
        filename=entry.get("filename", ""),
        status=job.status if job else "",
        why=entry["note"] or (why(job) if job else "What came of it is not known any more."),
        progress_id=entry["job"] if job else None,
    )


def why(job: Job) -> str:
    """What is to be said of a job that did not get through."""
    return "" if job.status == Status.COMPLETE else job.error or job.step

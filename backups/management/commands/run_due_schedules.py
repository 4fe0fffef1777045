"""Runs the schedules that are due, for those who prefer cron."""

from typing import Any

from django.core.management.base import BaseCommand

from backups.management.reporting import complain, follow_and_exit
from backups.schedules.running import run_due
from jobs.models import Job


class Command(BaseCommand):
    help = (
        "Runs every schedule that is due, once however often it was missed, and follows the "
        "progress. Harmless beside a worker, which looks for the same by itself. The exit status "
        "is 1 when something did not get through, a schedule could not be run, or one covers what "
        "is not there."
    )

    def handle(self, **options: Any) -> None:
        waiting: list[str] = []

        def on_waiting(name: str, sentence: str) -> None:
            waiting.append(name)
            complain(self, name, sentence)

        runs = run_due(on_waiting)
        for run in runs:
            for warning in run.warnings:
                complain(self, run.schedule.name, warning)
        ids = [entry["job"] for run in runs for entry in run.entries if entry["job"]]
        jobs = Job.objects.filter(progress_id__in=ids).order_by("pk")
        follow_and_exit(self, list(jobs), len(waiting) + sum(len(run.warnings) for run in runs))

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
        "is 1 when something did not get through or a schedule covers what is not there."
    )

    def handle(self, **options: Any) -> None:
        runs = run_due()
        for run in runs:
            for warning in run.warnings:
                complain(self, run.schedule.name, warning)
        ids = [entry["job"] for run in runs for entry in run.entries if entry["job"]]
        jobs = Job.objects.filter(progress_id__in=ids).order_by("pk")
        follow_and_exit(self, list(jobs), sum(len(run.warnings) for run in runs))

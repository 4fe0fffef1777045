"""Deletes the backups that the schedules' rules do not keep, or says which these are."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backups.management.reporting import follow_and_exit
from backups.models import Schedule
from backups.retention.plan import ContainerPlan, plans_of
from backups.retention.prune import request_prune
from backups.schedules.services import list_schedules, schedule_named
from containermonkey.problems import Problem
from jobs.management.following import printable


class Command(BaseCommand):
    help = (
        "Deletes the backups that the rules of their schedule do not keep. That happens by itself "
        "after each good backup; this is for after the rules were changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--schedule", metavar="NAME", help="only those of this schedule")
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would go and what would stay"
        )

    def handle(self, *, schedule: str | None, dry_run: bool, **options: Any) -> None:
        try:
            chosen = [schedule_named(schedule)] if schedule else list_schedules()
        except Problem as problem:
            raise CommandError(str(problem)) from None
        plans = [(each, plan) for each in chosen for plan in plans_of(each)]
        if dry_run:
            for each, plan in plans:
                self.show(each, plan)
            return
        jobs = [request_prune(each, plan.container) for each, plan in plans if plan.going]
        follow_and_exit(self, jobs, refused=0)

    def show(self, schedule: Schedule, plan: ContainerPlan) -> None:
        """Write what would happen to each backup of a container, and why."""
        self.stdout.write(printable(f"{schedule.name}, {plan.container}:"))
        for verdict in plan.verdicts:
            fate = "stays" if verdict.keep else "goes "
            reasons = ", ".join(verdict.reasons)
            self.stdout.write(printable(f"  {fate}  {verdict.item.filename}  ({reasons})"))

"""Tries backups out from a terminal or from cron."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from backups.management.reporting import follow_and_exit, request_all, show_plans
from backups.rehearsal import plan_rehearsal, request_rehearsal


class Command(BaseCommand):
    help = (
        "Brings containers up from their backups, with nothing of the host and without a way out, "
        "and removes them again. The exit status is 0 when all came up and 1 when one did not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a backup's name")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *, files: list[str], **options: Any) -> None:
        if options["dry_run"]:
            show_plans(self, files, plan_rehearsal)
            return
        jobs, refused = request_all(self, files, request_rehearsal)
        follow_and_exit(self, jobs, refused)

"""Removes old lines of the audit trail."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.trail.retention import count_past, prune
from containermonkey.figures import counted

LONGEST = 36_500


class Command(BaseCommand):
    help = (
        "Removes the lines of the audit trail that are older than so many days. The worker does "
        "the same once a day where CONTAINERMONKEY_AUDIT_DAYS is set."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days", type=int, help="instead of those of CONTAINERMONKEY_AUDIT_DAYS"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say how many would go")

    def handle(self, *, days: int | None, dry_run: bool, **options: Any) -> None:
        kept = settings.AUDIT_DAYS if days is None else days
        if days is None and not kept:
            raise CommandError("CONTAINERMONKEY_AUDIT_DAYS keeps all lines; say how many --days.")
        if not 1 <= kept <= LONGEST:
            raise CommandError(f"--days must be from 1 to {LONGEST}.")
        if dry_run:
            self.stdout.write(f"{counted(count_past(kept), 'line')} would be removed.")
        else:
            self.stdout.write(f"Removed {counted(prune(kept), 'line')}.")

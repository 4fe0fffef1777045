"""Takes archives in that lie in the backup directory and are not listed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backups.management.reporting import follow_and_exit
from backups.scanning import request_scan
from containermonkey.problems import Problem


class Command(BaseCommand):
    help = (
        "Looks through the backup directory, takes in every archive that is sound and not listed, "
        "and says what is listed and gone. Nothing is deleted."
    )

    def handle(self, **options: Any) -> None:
        try:
            job = request_scan()
        except Problem as problem:
            raise CommandError(str(problem)) from None
        follow_and_exit(self, [job], 0)

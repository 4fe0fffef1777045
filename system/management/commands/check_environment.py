"""Says whether everything is there that the program needs."""

from typing import Any

from django.core.management.base import BaseCommand

from system.check.services import check_environment
from system.check.types import Check


class Command(BaseCommand):
    help = (
        "Looks at the Docker Engine, the storage, the worker, the database and the keys, and says "
        "of each what is wrong and how to mend it. The exit status is 1 where something is wrong."
    )

    def handle(self, **options: Any) -> None:
        report = check_environment()
        for check in report.checks:
            out = self.stdout if check.ok else self.stderr
            out.write(line_of(check))
        if not report.ok:
            raise SystemExit(1)


def line_of(check: Check) -> str:
    word = "advice" if check.is_advice else "ok" if check.ok else "WRONG"
    line = f"{word:<7} {check.name}: {check.detail}"
    return f"{line} {check.fix}" if check.fix else line

"""The worker process."""

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from containermonkey.problems import Conflict
from jobs.lock import only_worker
from jobs.running import ShutdownFlag
from jobs.worker import work


class Command(BaseCommand):
    help = "Runs the jobs of the queue, one at a time, until it is told to end."

    def handle(self, *args: Any, **options: Any) -> None:
        shutdown = ShutdownFlag()
        signal.signal(signal.SIGTERM, shutdown.set)
        signal.signal(signal.SIGINT, shutdown.set)
        try:
            with only_worker():
                work(shutdown)
        except Conflict as problem:
            raise CommandError(str(problem)) from None

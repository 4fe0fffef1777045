"""The worker process."""

import signal
import time
from typing import Any

from django.core.management.base import BaseCommand

from containermonkey.problems import Conflict
from jobs.lock import only_worker
from jobs.memory import keep_freed_blocks
from jobs.running import ShutdownFlag
from jobs.worker import POLL_INTERVAL, work


class Command(BaseCommand):
    help = "Runs the jobs of the queue, one at a time, until it is told to end. Waits its turn."

    def handle(self, *args: Any, **options: Any) -> None:
        keep_freed_blocks()
        shutdown = ShutdownFlag()
        signal.signal(signal.SIGTERM, shutdown.set)
        signal.signal(signal.SIGINT, shutdown.set)
        while not shutdown.is_set:
            try:
                with only_worker():
                    work(shutdown)
            except Conflict:
                # A command that does the queue's work by itself has it for as long as that takes.
                time.sleep(POLL_INTERVAL)

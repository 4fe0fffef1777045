"""`python -m bench.worker WAY`: does the queue's next job, and prints its peak of memory in KiB.

A process of its own, as in real life: a fork of the measuring one would have that one's memory.
"""

import re
import sys
from pathlib import Path

import django


def main() -> None:
    django.setup()
    from backups import ways
    from jobs.memory import keep_freed_blocks
    from jobs.worker import run_next

    keep_freed_blocks()
    if sys.argv[1] == "engine":
        ways.works_here = lambda: False
    run_next()
    status = Path("/proc/self/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    sys.stdout.write(peak.group(1) if peak else "0")


main()

"""What this machine used in the last hour.

A share of CPU time needs two looks at the counters: they are taken ahead, so nobody waits.
"""

import threading
from collections import deque
from datetime import UTC, datetime
from typing import NamedTuple

from engine.about import About, known_about
from system.host import proc

INTERVAL = 5.0
"""Seconds between two looks. One takes a tenth of a millisecond."""

FIRST = 0.5
"""The second look comes sooner, so that there are figures soon after the start."""

KEPT = 721
"""An hour of them."""

MOUNTED_FROM_ROOT = "/etc/hostname"
"""A file that the Engine mounts into every container, from the directory with its data."""


class Sample(NamedTuple):
    """The counters at one moment, the memory in use in bytes, and how full the disk is in percent.

    The disk is None where it is not known which one Docker has its data on.
    """

    read_at: datetime
    cpu: proc.CpuTimes
    memory: int
    disk: float | None = None


class Sampler:
    """A thread that looks at the counters from the first time that somebody asks."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._second = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, unless it was begun already; returns at once."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._samples.append(sample())
                self._over.clear()
                self._thread = threading.Thread(target=self._run, name="host", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread; what it has seen is kept, and whoever asks next begins another."""
        with self._lock:
            self._over.set()
            if self._thread is not None:
                self._thread.join()

    def _run(self) -> None:
        self._over.wait(FIRST)
        while not self._over.is_set():
            self._samples.append(sample())
            self._second.set()
            self._over.wait(INTERVAL)

    def wait(self, seconds: float) -> None:
        """Wait until there are two samples, at most for so long."""
        self.start()
        self._second.wait(seconds)

    def samples(self) -> list[Sample]:
        """The samples of the last hour, the oldest first."""
        return list(self._samples)

    def cpu_busy(self) -> float | None:
        """The share of all cores between the last two looks, from 0 to 1; None before those."""
        last = self.samples()[-2:]
        return busy_between(*last) if len(last) == 2 else None


def sample() -> Sample:
    about = known_about()  # without asking: the Engine may hang, and the counters go on
    disk = docker_disk(about) if about else None
    return Sample(
        datetime.now(UTC), proc.cpu_times(), proc.memory()[0], disk.percent if disk else None
    )


def docker_disk(about: About) -> proc.Disk | None:
    """The file system of this machine with Docker's data; None where it cannot be seen."""
    return proc.disk(MOUNTED_FROM_ROOT if about.holds_us else about.root)


def busy_between(before: Sample, after: Sample) -> float | None:
    """The share of time in which the cores worked; the counters may go back a little."""
    passed = after.cpu.all - before.cpu.all
    if passed <= 0:
        return None
    return min(max((after.cpu.busy - before.cpu.busy) / passed, 0.0), 1.0)


sampler = Sampler()

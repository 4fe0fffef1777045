"""A Docker host that is another machine, asked through a helper container.

In a container, /proc has the counters of its host, and the file system of its root is that with
Docker's data. The helper waits for a few minutes and goes by itself, so that none is left behind
whatever happens to this process; it is made only while somebody looks, from
`CONTAINERMONKEY_HELPER_IMAGE`, and without that such a host's figures are not known.
"""

import logging
import threading
import time
from datetime import UTC, datetime

from containermonkey.problems import Conflict, EngineUnreachable, NotFound, Problem
from engine import Docker, engine
from engine.client import current_url
from engine.helpers import helper_image
from engine.waiting import said_in, start_waiting_helper
from system.host import proc
from system.host.proc import CpuTimes, Disk
from system.host.sampling import Sample, busy_between
from system.host.types import Reading

logger = logging.getLogger(__name__)

LABEL = "host-figures"
"""Stands for a job's id, as nothing of a job's is at work."""

LASTS = 300
"""Seconds that a helper waits."""

SPARE = 10
"""Seconds before its end after which another one is made."""

PATIENCE = 300.0
"""Seconds after which an image that cannot answer is tried again."""

FRESH = 2.0
"""Seconds for which a reading serves everybody who asks."""

SHORT_WAIT = 0.5
"""Seconds between the two looks that the first figure of the CPU takes."""

USABLE = 60.0
"""Seconds after which what was counted before says nothing about now."""

PROC = ["cat", "/proc/loadavg", "/proc/uptime", "/proc/stat", "/proc/meminfo"]
DISK = ["stat", "-f", "-c", "%S %b %f %a", "/"]


class Elsewhere:
    """The helper on one host, and what it said last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._container = ""
        self._until = self._not_before = 0.0
        self._last: tuple[CpuTimes, Reading] | None = None

    def read(self) -> Reading | None:
        """What the host uses now; None where there is nothing to ask it with.

        Raise EngineUnreachable.
        """
        with self._lock, engine() as docker:
            if self._last and age(self._last[1]) < FRESH:
                return self._last[1]
            if time.monotonic() < self._not_before:
                return None
            image = helper_image(docker)
            return self._read(docker, image) if image else None

    def _read(self, docker: Docker, image: str) -> Reading | None:
        first_time = self._last is None or age(self._last[1]) > USABLE
        try:
            reading = self._taken(docker, image)
            if first_time and reading is not None:
                time.sleep(SHORT_WAIT)
                reading = self._taken(docker, image)
        except EngineUnreachable:
            raise
        except Problem as problem:
            logger.warning("The helper image cannot be asked about its host: %s", problem)
            reading = None
        if reading is None:
            self._not_before = time.monotonic() + PATIENCE
        return reading

    def _taken(self, docker: Docker, image: str) -> Reading | None:
        """Take a reading, in a helper that is there or in a new one."""
        try:
            said = self._said(docker, image)
        except (Conflict, NotFound):
            self._until = 0.0  # somebody has stopped or removed it
            said = self._said(docker, image)
        if said is None:
            return None
        counted, reading = self._understood(*said)
        self._last = counted, reading
        return reading

    def _said(self, docker: Docker, image: str) -> tuple[str, str | None] | None:
        with engine():
            if time.monotonic() > self._until:
                self._container = start_waiting_helper(docker, image, LASTS, LABEL)
                self._until = time.monotonic() + LASTS - SPARE
            figures = said_in(docker, self._container, PROC)
            return (figures, said_in(docker, self._container, DISK)) if figures else None

    def _understood(self, figures: str, disk: str | None) -> tuple[CpuTimes, Reading]:
        loadavg, uptime, counters = figures.split("\n", 2)
        now, counted = datetime.now(UTC), proc.cpu_times(counters)
        used, total = proc.memory(counters)
        busy = None
        if self._last and age(self._last[1]) <= USABLE:
            before = Sample(self._last[1].read_at, self._last[0], 0)
            busy = busy_between(before, Sample(now, counted, used))
        load, up = proc.load(loadavg), proc.uptime(uptime)
        return counted, Reading(now, busy, used, total, disk_in(disk), load, up)


def disk_in(said: str | None) -> Disk | None:
    """A file system of block size, blocks, free ones, and free ones that are not root's alone."""
    words = (said or "").split()
    if len(words) != 4 or not all(word.isdigit() for word in words):
        return None
    size, blocks, free, usable = (int(word) for word in words)
    return Disk.of(size, blocks, free, usable)


def age(reading: Reading) -> float:
    return (datetime.now(UTC) - reading.read_at).total_seconds()


_hosts: dict[str, Elsewhere] = {}


def current_host() -> Elsewhere:
    """The one that the current Engine is on."""
    return _hosts.setdefault(current_url(), Elsewhere())

"""What this machine's kernel counts. In a container, too, these are the figures of the host.

Formats: proc(5), and `Documentation/filesystems/proc.rst` of the kernel.
"""

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")

COUNTED = 8
"""Columns of a line of /proc/stat that add up to all time; guests are in `user` already."""

IDLE = (3, 4)
"""Those in which nothing was done: idle, and waiting for a disk."""


@dataclass(frozen=True)
class CpuTimes:
    """Ticks of all cores together since the machine was started."""

    busy: int
    all: int


def cpu_times(stat: str | None = None) -> CpuTimes:
    """How long the cores worked, as the first line of /proc/stat says."""
    line = (PROC / "stat").read_text() if stat is None else stat
    ticks = [int(word) for word in line.splitlines()[0].split()[1 : COUNTED + 1]]
    return CpuTimes(sum(ticks) - sum(ticks[column] for column in IDLE), sum(ticks))


def memory(meminfo: str | None = None) -> tuple[int, int]:
    """Bytes in use and all there are; what the kernel would give up at once is not in use."""
    text = (PROC / "meminfo").read_text() if meminfo is None else meminfo
    lines = (line.split(":") for line in text.splitlines() if ":" in line)
    size = {name: int(rest.split()[0]) * 1024 for name, rest in lines}
    total = size["MemTotal"]
    return total - size.get("MemAvailable", size["MemFree"]), total


def load(loadavg: str | None = None) -> list[float]:
    """The averages of 1, 5 and 15 minutes."""
    text = (PROC / "loadavg").read_text() if loadavg is None else loadavg
    return [float(word) for word in text.split()[:3]]


def uptime(said: str | None = None) -> float:
    """Seconds since the machine was started."""
    text = (PROC / "uptime").read_text() if said is None else said
    return float(text.split()[0])


@dataclass(frozen=True)
class Disk:
    """A file system in bytes. `percent` is of what is not kept back for root, as df has it."""

    used: int
    total: int
    percent: float

    @classmethod
    def of(cls, size: int, blocks: int, free: int, usable: int) -> "Disk":
        """From the size of a block, and how many there are, free, and free for everybody."""
        used = (blocks - free) * size
        whole = used + usable * size
        return cls(used, blocks * size, 100 * used / whole if whole else 0.0)


def disk(path: str) -> Disk | None:
    """The file system that holds a path; None where it cannot be seen from here."""
    try:
        status = os.statvfs(path)
    except OSError:
        return None
    return Disk.of(status.f_frsize, status.f_blocks, status.f_bfree, status.f_bavail)

"""What is told of the Docker host."""

from dataclasses import dataclass
from datetime import UTC, datetime

from containermonkey.problems import Problem
from system.host.proc import Disk

FRESH_SECONDS = 30
"""Figures that are older are shown with their age."""


@dataclass(frozen=True)
class HostStats:
    """What the Docker host uses; sizes in bytes, None where it cannot be known from here.

    `cpu_percent` is 100.0 for one core, so `cpu_count` times that is all there is. `disk_*` are of
    the file system with Docker's data. `load` are the averages of 1, 5 and 15 minutes, `uptime`
    seconds.
    """

    cpu_percent: float | None
    cpu_count: int
    memory_used: int | None
    memory_total: int
    memory_percent: float | None
    disk_used: int | None
    disk_total: int | None
    disk_percent: float | None
    load: list[float] | None
    uptime: float | None
    read_at: datetime

    @property
    def cpu_share(self) -> float | None:
        """Percent of all cores together."""
        if self.cpu_percent is None or not self.cpu_count:
            return None
        return self.cpu_percent / self.cpu_count


@dataclass(frozen=True)
class Reading:
    """What a kernel said at one moment. `busy` is the share of all cores, from 0 to 1."""

    read_at: datetime
    busy: float | None
    memory_used: int
    memory_total: int
    disk: Disk | None
    load: list[float]
    uptime: float


@dataclass(frozen=True)
class Meter:
    """A figure of the top bar, in percent of what there is."""

    label: str
    kind: str
    share: float | None
    icon: str


@dataclass(frozen=True)
class Seen:
    """The figures of now, or with a `problem` those that were seen last, if ever any were."""

    stats: HostStats | None
    problem: Problem | None = None

    @property
    def is_old(self) -> bool:
        """Whether the figures are not those of now."""
        if self.stats is None:
            return False
        age = datetime.now(UTC) - self.stats.read_at
        return self.problem is not None or age.total_seconds() > FRESH_SECONDS

    @property
    def meters(self) -> list[Meter]:
        stats = self.stats
        return [
            Meter("CPU", "cpu", stats.cpu_share if stats else None, icon="cpu"),
            Meter("RAM", "mem", stats.memory_percent if stats else None, icon="memory"),
            Meter("Disk", "disk", stats.disk_percent if stats else None, icon="hard-drive"),
        ]

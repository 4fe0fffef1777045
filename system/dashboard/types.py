"""What the dashboard tells, in plain values."""

from dataclasses import dataclass
from datetime import datetime

from containers.types import Container
from engine.disk_usage import DiskUsage


@dataclass(frozen=True)
class ContainerCount:
    """Containers by status as Docker has them, by health where they have a check, and in all."""

    total: int
    running: int
    by_status: dict[str, int]
    by_health: dict[str, int]


@dataclass(frozen=True)
class ImageCount:
    total: int
    unused: int
    dangling: int


@dataclass(frozen=True)
class VolumeCount:
    total: int
    unused: int


@dataclass(frozen=True)
class NetworkCount:
    total: int
    unused: int


@dataclass(frozen=True)
class StackCount:
    """Stacks in all, and those of which everything, a part and nothing runs."""

    total: int
    running: int
    partial: int
    stopped: int


@dataclass(frozen=True)
class Host:
    """What the Docker host has. `trouble` are the containers that somebody should look at."""

    version: str
    containers: ContainerCount
    images: ImageCount
    volumes: VolumeCount
    networks: NetworkCount
    stacks: StackCount
    trouble: list[Container]
    read_at: datetime


@dataclass(frozen=True)
class BackupCount:
    """Backups in all, their bytes, and the newest; `damaged` are those found so."""

    count: int
    total_size: int
    newest: datetime | None
    damaged: int


@dataclass(frozen=True)
class QueueCount:
    """Jobs now, those that failed in the last day, and whether a worker is there."""

    running: int
    waiting: int
    failed: int
    worker_alive: bool


@dataclass(frozen=True)
class Disk:
    """What takes how much room on the Docker host, as counted at a moment."""

    usage: DiskUsage
    counted_at: datetime

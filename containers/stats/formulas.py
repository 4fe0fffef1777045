"""Figures of a running container from what the Engine answers at `/containers/<id>/stats`."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.times import NANOSECONDS, moment


@dataclass(frozen=True, slots=True)
class Sample:
    """Counters at one moment. Bytes, but for `cpu`, which is nanoseconds of processor time.

    None is what the kernel does not tell: networks of the host, block I/O on some kernels.
    `read_at` is by the Engine's clock, which may be wrong or set; `taken_at` by ours, which only
    goes on, in seconds.
    """

    read_at: datetime
    cpu: int
    memory: int | None
    memory_limit: int | None
    network_rx: int | None
    network_tx: int | None
    block_read: int | None
    block_write: int | None
    pids: int | None
    taken_at: float = field(default_factory=time.monotonic, compare=False)


@dataclass(frozen=True, slots=True)
class Stats:
    """The figures of a container, each None where it does not run or the kernel does not say.

    CPU in percent, 100.0 being one full core; memory, network and block I/O in bytes, the last
    two since the container was started.
    """

    id: str
    name: str
    status: str
    cpu_percent: float | None = None
    memory_usage: int | None = None
    memory_limit: int | None = None
    memory_percent: float | None = None
    network_rx: int | None = None
    network_tx: int | None = None
    block_read: int | None = None
    block_write: int | None = None
    pids: int | None = None
    read_at: datetime | None = None


def sample_of(answer: Mapping[str, Any]) -> Sample | None:
    """The counters of the Engine's answer; None where the container does not run."""
    read_at = moment(answer.get("read"))
    usage = (answer.get("cpu_stats") or {}).get("cpu_usage") or {}
    if read_at is None or not usage.get("total_usage"):
        return None
    rx, tx = network_bytes(answer.get("networks"))
    read, written = block_bytes(answer.get("blkio_stats") or {})
    memory = answer.get("memory_stats") or {}
    return Sample(
        read_at=read_at.astimezone(UTC),
        cpu=usage["total_usage"],
        memory=memory_usage(memory),
        memory_limit=memory.get("limit"),
        network_rx=rx,
        network_tx=tx,
        block_read=read,
        block_write=written,
        pids=(answer.get("pids_stats") or {}).get("current"),
    )


def memory_usage(memory: Mapping[str, Any]) -> int | None:
    """Memory without the file cache that the kernel would give up at once.

    As `docker stats` counts it: usage less `total_inactive_file` (cgroup v1) or `inactive_file`
    (v2), where that is less than the usage.
    """
    usage, stats = memory.get("usage"), memory.get("stats") or {}
    if usage is None:
        return None
    inactive = stats.get("total_inactive_file", stats.get("inactive_file", 0))
    return int(usage - inactive if inactive < usage else usage)


def network_bytes(networks: Mapping[str, Any] | None) -> tuple[int | None, int | None]:
    """Bytes received and sent over all interfaces; nothing is known on the host's network."""
    if not networks:
        return None, None
    return (
        sum(each.get("rx_bytes", 0) for each in networks.values()),
        sum(each.get("tx_bytes", 0) for each in networks.values()),
    )


def block_bytes(blkio: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Bytes read from and written to disks; an empty list means that the kernel does not count."""
    entries = blkio.get("io_service_bytes_recursive")
    if not entries:
        return None, None
    sums = {"read": 0, "write": 0}
    for entry in entries:
        kind = str(entry.get("op", "")).lower()
        if kind in sums:
            sums[kind] += entry.get("value", 0)
    return sums["read"], sums["write"]


def cpu_percent(before: Sample | None, now: Sample) -> float | None:
    """Processor time between two samples per time between them, 100.0 being one full core.

    Δ `total_usage` / Δ `read`, both in nanoseconds. None without an earlier sample of the same
    run: the counter begins anew when the container is started again.
    """
    if before is None:
        return None
    elapsed = (now.read_at - before.read_at).total_seconds() * NANOSECONDS
    used = now.cpu - before.cpu
    return round(used / elapsed * 100, 2) if elapsed > 0 and used >= 0 else None


def memory_percent(sample: Sample) -> float | None:
    if sample.memory is None or not sample.memory_limit:
        return None
    return round(sample.memory / sample.memory_limit * 100, 2)


def rate(before: int | None, now: int | None, seconds: float) -> float | None:
    """Bytes a second between two counters; None where one is unknown or has begun anew."""
    if before is None or now is None or now < before or seconds <= 0:
        return None
    return (now - before) / seconds

"""What the Docker host uses: CPU, memory, disk."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from containermonkey.problems import Problem
from engine import engine
from engine.about import About, ask_about, known_about
from engine.client import current_url
from system.host import proc
from system.host.elsewhere import current_host
from system.host.sampling import docker_disk, sampler
from system.host.types import HostStats, Reading, Seen

LOOPBACK = {"localhost", "127.0.0.1", "::1"}

PATIENCE = 1.0
"""Seconds that a program waits for the first figure of the CPU."""

UNKNOWN = (
    *("cpu_percent", "memory_used", "memory_percent"),
    *("disk_used", "disk_total", "disk_percent", "load", "uptime"),
)
"""What only somebody on the host can say; the rest the Engine does."""


def host_stats() -> HostStats:
    """The figures of the Docker host now; of another machine as `system.host.elsewhere` says.

    Raise EngineUnreachable where the Engine never said which host it is on, or where that is
    another machine.
    """
    about = known_about()
    if about is None or not is_this_machine(about):
        with engine() as docker:
            about = ask_about(docker)
    if is_this_machine(about):
        sampler.wait(PATIENCE)
        return stats_here(about)
    return stats_of(about, current_host().read())


_seen: dict[str, HostStats] = {}


def latest() -> Seen:
    """The figures now, or while they cannot be had those of before, with the reason."""
    key = current_url()
    try:
        _seen[key] = host_stats()
    except Problem as problem:
        return Seen(_seen.get(key), problem)
    return Seen(_seen[key])


def at_hand() -> Seen:
    """What is known without asking or waiting for anybody, for the first sight of a page."""
    about = known_about()
    if about is None:
        return Seen(None)
    if is_this_machine(about):
        return Seen(stats_here(about))
    return Seen(_seen.get(current_url()) or stats_of(about, None))


def is_this_machine(about: About) -> bool:
    """Whether the counters of our kernel are those of the Docker host.

    They are where this process runs in one of its containers, or beside it. That a socket leads to
    another machine, or that what we see of /proc was made up for us, shows by what both say.
    """
    place = urlsplit(current_url())
    near = about.holds_us or place.scheme == "unix" or place.hostname in LOOPBACK
    return near and about.kernel == os.uname().release and about.memory == proc.memory()[1]


def read_here() -> Reading:
    """What this machine uses, but for the disk, which depends on where Docker has its data."""
    used, total = proc.memory()
    now, busy = datetime.now(UTC), sampler.cpu_busy()
    return Reading(now, busy, used, total, None, proc.load(), proc.uptime())


def stats_here(about: About) -> HostStats:
    sampler.start()
    return stats_of(about, replace(read_here(), disk=docker_disk(about)))


def stats_of(about: About, reading: Reading | None) -> HostStats:
    """What was read, in the terms of the API; without it, only how large the host is."""
    if reading is None:
        unknown = dict.fromkeys(UNKNOWN)
        return HostStats(
            cpu_count=about.cpus,
            memory_total=about.memory,
            read_at=datetime.now(UTC),
            **unknown,
        )
    disk = reading.disk
    return HostStats(
        cpu_percent=None if reading.busy is None else reading.busy * 100 * about.cpus,
        cpu_count=about.cpus,
        memory_used=reading.memory_used,
        memory_total=reading.memory_total,
        memory_percent=100 * reading.memory_used / reading.memory_total,
        disk_used=disk.used if disk else None,
        disk_total=disk.total if disk else None,
        disk_percent=disk.percent if disk else None,
        load=reading.load,
        uptime=reading.uptime,
        read_at=reading.read_at,
    )

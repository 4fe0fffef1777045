"""Statistics of a hundred running containers beside `docker stats` over the same time."""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.ground import Ground
from bench.server import Server
from tests import processes

CONTAINERS = 100
SECONDS = 30
ROUNDS = 5
TICK = os.sysconf("SC_CLK_TCK")

HEADINGS = ["running", "docker stats", "ours", "ratio", "a round", "update", "idle"]


@dataclass(frozen=True)
class Cost:
    """Shares of a core in the Engine and in what asks it."""

    engine: float
    asker: float

    @property
    def total(self) -> float:
        return self.engine + self.asker

    def __str__(self) -> str:
        return f"{self.total:.2f} cores ({self.engine:.2f} in the Engine)"


def measure_stats(ground: Ground) -> list[list[str]]:
    """What both cost while somebody looks, how long a round takes, and the page's update."""
    start_many(ground)
    with Server() as server:
        theirs = cost_of_docker(ground)
        idle = cost_of_ours(ground, server, looking=False)
        ours = cost_of_ours(ground, server, looking=True)
        update = median(server.fetch("/statistics/", {"HX-Request": "true"}) for _ in range(ROUNDS))
    return [
        [
            f"{CONTAINERS} containers",
            *(str(theirs), str(ours), f"{ours.total / theirs.total:.2f} x"),
            *(f"{asyncio.run(seconds_of_a_round()):.2f} s", f"{update * 1000:.0f} ms"),
            f"{idle.total:.3f} cores",
        ]
    ]


def start_many(ground: Ground) -> None:
    def start(number: int) -> None:
        name = f"running-{number}"
        made = ground.docker.create_container("busybox:test", ["sleep", "86400"], name=name)
        ground.docker.start(made["Id"])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(start, range(CONTAINERS)))


def cost_of_docker(ground: Ground) -> Cost:
    with subprocess.Popen(
        ["docker", "stats"], env=ground.environment, stdout=subprocess.DEVNULL
    ) as command:
        time.sleep(2)  # its streams are open by then
        cost = measured(ground, command.pid, lambda: time.sleep(SECONDS))
        command.kill()
    return cost


def cost_of_ours(ground: Ground, server: Server, *, looking: bool) -> Cost:
    """With a page that fetches itself every five seconds, as a browser has it do."""

    def look() -> None:
        for _ in range(SECONDS // 5):
            server.fetch("/statistics/", {"HX-Request": "true"})
            time.sleep(5)

    if looking:
        server.fetch("/statistics/")
    return measured(ground, server.process.pid, look if looking else lambda: time.sleep(10))


def measured(ground: Ground, asker: int, meanwhile: Callable[[], None]) -> Cost:
    """The processor time of the Engine and of the one who asks it, per second."""
    outer = ground.engine.process.pid if ground.engine.process else 0
    begin, engine, asking = time.perf_counter(), spent(outer), spent(asker)
    meanwhile()
    passed = time.perf_counter() - begin
    return Cost((spent(outer) - engine) / passed, (spent(asker) - asking) / passed)


def spent(ancestor: int) -> float:
    """Seconds of processor time of a process and of all that run below it."""
    return sum(seconds_of(pid) for pid in (ancestor, *processes.descendants(ancestor)))


def seconds_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


async def seconds_of_a_round() -> float:
    from stats.rounds import read_round

    lengths = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        await read_round(is_first=False)
        lengths.append(time.perf_counter() - begin)
    return median(lengths)

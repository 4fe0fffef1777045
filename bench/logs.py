"""Logs: a flood followed beside `docker logs -f`, and a long log read and searched."""

import asyncio
import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from websockets.asyncio.client import connect

from bench.ground import Ground, seconds
from bench.server import Server

SECONDS = 8
LINES = 500_000
TEXT = "2026-03-01 12:00:00 INFO worker-7 request 1234567 answered in 15 ms"
WATCHERS = 10

HEADINGS = ["log", "docker logs", "ours", "ratio", "memory before", "after", "page meanwhile"]

LEFT_OUT = re.compile(r"… ([\d,]+) lines? left out")


@dataclass(frozen=True)
class Row:
    """Lines in a second on both ways; bytes of the web server, seconds of a page meanwhile."""

    name: str
    theirs: float
    ours: float
    before: int
    after: int
    page: float

    def row(self) -> list[str]:
        return [
            self.name,
            rate(self.theirs),
            rate(self.ours),
            f"{self.ours / self.theirs:.2f} x",
            f"{self.before >> 20} MiB",
            f"{self.after >> 20} MiB",
            f"{self.page * 1000:.0f} ms",
        ]


def rate(lines: float) -> str:
    return f"{lines / 1000:.0f}k lines/s, {lines * (len(TEXT) + 1) / (1 << 20):.1f} MiB/s"


def measure_logs(ground: Ground) -> list[Row]:
    """A flood seen by one and by many, then a log that is complete."""
    start(ground, "flood", ["yes", TEXT])
    with Server() as server:
        rows = [measure_flood(ground, server, watchers) for watchers in (1, WATCHERS)]
        ground.docker.remove_container("flood", force=True)
        start(ground, "long", ["sh", "-c", f"yes '{TEXT}' | head -n {LINES}"])
        ground.docker.wait("long")
        log = ["docker", "logs", "long"]
        ways: list[tuple[str, str, list[str]]] = [
            ("download of 500,000 lines", "download=true", log),
            ("search in 500,000 lines", "search=WORKER-8", ["sh", "-c", SEARCH]),
        ]
        rows += [measure_whole(ground, server, *way) for way in ways]
    ground.docker.remove_container("long", force=True)
    return rows


SEARCH = "docker logs long | grep -ci worker-8 || true"


def start(ground: Ground, name: str, command: list[str]) -> None:
    ground.docker.start(ground.docker.create_container("busybox:test", command, name=name)["Id"])


def measure_flood(ground: Ground, server: Server, watchers: int) -> Row:
    """What both get to know of the lines in some seconds; what was left out is known too."""
    theirs = followed_by_docker(ground)
    before = server.memory()
    ours, page = asyncio.run(followed_by_us(server, watchers))
    # Many do not read every line any more, but look at the newest once a second.
    name = f"flood, {watchers} watching" if watchers > 1 else "flood"
    return Row(name, theirs, ours, before, server.memory(), page)


def followed_by_docker(ground: Ground) -> float:
    process = subprocess.Popen(
        ["docker", "logs", "-f", "--tail", "0", "flood"],
        env=ground.environment,
        stdout=subprocess.PIPE,
    )
    lines, end = 0, time.monotonic() + SECONDS
    while time.monotonic() < end and process.stdout:
        lines += os.read(process.stdout.fileno(), 1 << 16).count(b"\n")
    process.kill()
    process.wait()
    return lines / SECONDS


async def followed_by_us(server: Server, watchers: int) -> tuple[float, float]:
    """Lines in a second for the slowest of the watchers, and the time a page took meanwhile."""
    followers = [asyncio.create_task(follow(server)) for _ in range(watchers)]
    await asyncio.sleep(SECONDS / 2)
    page = await asyncio.to_thread(server.fetch, "/containers/")
    return min(await asyncio.gather(*followers)) / SECONDS, page


async def follow(server: Server) -> int:
    lines = 0
    socket = connect(
        f"ws://{server.host}/ws/containers/flood/logs?format=json&tail=0",
        origin=f"http://{server.host}",  # type: ignore[arg-type]
        additional_headers={"Cookie": server.cookie},
    )
    async with socket as log:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            said = str(await log.recv())
            lines += said.count("\n") + 1
            if left_out := LEFT_OUT.search(json.loads(said.partition("\n")[0])["line"]):
                lines += int(left_out[1].replace(",", "")) - 1
    return lines


def measure_whole(ground: Ground, server: Server, name: str, query: str, command: list[str]) -> Row:
    def by_docker() -> None:
        subprocess.run(command, env=ground.environment, stdout=subprocess.DEVNULL, check=True)

    before = server.memory()
    theirs, ours = fastest(by_docker), fastest(lambda: server.fetch(f"{WHOLE}?{query}"))
    page = server.fetch("/containers/")
    return Row(name, LINES / theirs, LINES / ours, before, server.memory(), page)


WHOLE = "/api/container/long/logs"


def fastest(call: Callable[[], object]) -> float:
    return min(seconds(call) for _ in range(3))

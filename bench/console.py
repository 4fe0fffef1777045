"""Consoles: the time from a key to its echo beside `docker exec -it`, and what 30 of them cost."""

import asyncio
import os
import pty
import select
import socket
import statistics
import subprocess
import termios
import time
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect

from bench.ground import Ground
from bench.server import ADDRESS, Server

KEYS, WARMING = 300, 20
CONSOLES = 30

HEADINGS = ["key to echo", "median", "95th of 100", "ratio of the medians"]
HEADINGS_OF_MANY = [
    *("consoles", "all open after", "memory before", "with all"),
    *("threads before and with all", "closed after"),
]


@dataclass(frozen=True)
class Echo:
    """Seconds from a key to its echo."""

    name: str
    times: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    def row(self, beside: float) -> list[str]:
        late = statistics.quantiles(self.times, n=100)[94]
        return [
            self.name,
            f"{self.median * 1000:.2f} ms",
            f"{late * 1000:.2f} ms",
            f"{self.median / beside:.2f} x",
        ]


@dataclass(frozen=True)
class Many:
    """Seconds and bytes; threads of the web server before and with all consoles."""

    opened: float
    before: int
    after: int
    threads: tuple[int, int]
    closed: float

    def row(self) -> list[str]:
        return [
            f"{CONSOLES}",
            f"{self.opened:.2f} s",
            f"{self.before >> 20} MiB",
            f"{self.after >> 20} MiB",
            f"{self.threads[0]} and {self.threads[1]}",
            f"{self.closed:.2f} s",
        ]


def measure_consoles(ground: Ground) -> tuple[list[list[str]], list[list[str]]]:
    """The rows of both tables; the two ways to a container are measured in turns."""
    docker = ground.docker
    docker.start(docker.create_container("busybox:test", name="console")["Id"])
    with Server() as server:
        ours, theirs = echoes(server, ground)
        many = asyncio.run(open_many(server))
    rows = [each.row(beside=theirs.median) for each in (theirs, ours)]
    return rows, [many.row()]


def echoes(server: Server, ground: Ground) -> tuple[Echo, Echo]:
    """Both in turns, so that what else the machine does falls on both."""
    ours, theirs = [], []
    with CommandLine(ground) as command_line, Console(server) as console:
        for number in range(KEYS + WARMING):
            key = bytes([ord("a") + number % 26])
            first, second = command_line.echo(key), console.echo(key)
            if number >= WARMING:  # the first are slower on either way
                theirs.append(first)
                ours.append(second)
    return Echo("our socket", ours), Echo("docker exec -it", theirs)


class Console:
    """A socket of ours with nothing around it, as the other way has nothing but its terminal."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def __enter__(self) -> "Console":
        self.socket = socket.create_connection((ADDRESS, self.server.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = [
            "GET /ws/containers/console/exec?command=cat HTTP/1.1",
            f"Host: {self.server.host}",
            f"Origin: http://{self.server.host}",
            f"Cookie: {self.server.cookie}",
            *("Connection: Upgrade", "Upgrade: websocket"),
            *("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="),
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.socket.recv(4096)
        if b" 101 " not in answer:
            raise RuntimeError(answer.decode())
        time.sleep(1)
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def echo(self, key: bytes) -> float:
        begin = time.perf_counter()
        self.socket.sendall(b"\x82\x81\0\0\0\0" + key)  # a frame of one byte, masked with zeros
        said = b""
        while key not in said[2:]:
            said += self.socket.recv(4096)
        return time.perf_counter() - begin


async def open_many(server: Server) -> Many:
    """Open many consoles at once, and close them."""
    before, threads = server.memory(), server.threads()
    begin = time.perf_counter()
    consoles = await asyncio.gather(*(opened(server) for _ in range(CONSOLES)))
    taken = time.perf_counter() - begin
    await asyncio.sleep(2)  # idle, as they mostly are
    after, threads_after = server.memory(), server.threads()
    begin = time.perf_counter()
    await asyncio.gather(*(console.close() for console in consoles))
    closed = time.perf_counter() - begin
    return Many(taken, before, after, (threads, threads_after), closed)


async def opened(server: Server) -> ClientConnection:
    console = await connect(
        f"ws://{server.host}/ws/containers/console/exec?command=",
        origin=f"http://{server.host}",  # type: ignore[arg-type]
        additional_headers={"Cookie": server.cookie},
    )
    await console.send(b"echo rea''dy\n")
    await until(console, b"ready")
    return console


async def until(console: ClientConnection, wanted: bytes) -> None:
    said = b""
    while wanted not in said:
        frame = await asyncio.wait_for(console.recv(), 20)
        if isinstance(frame, str):
            raise RuntimeError(frame)
        said += frame


class CommandLine:
    """Docker's own command line at a terminal of its own."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    def __enter__(self) -> "CommandLine":
        self.terminal, inside = pty.openpty()
        modes = termios.tcgetattr(inside)
        modes[3] &= ~termios.ECHO  # the only echo is to be that of the container
        termios.tcsetattr(inside, termios.TCSANOW, modes)
        self.process = subprocess.Popen(
            ["docker", "exec", "-it", "console", "cat"],
            env=self.ground.environment,
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        os.close(inside)
        time.sleep(1)  # until it is connected; what is typed before is echoed by nobody
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)

    def echo(self, key: bytes) -> float:
        begin = time.perf_counter()
        os.write(self.terminal, key)
        said = b""
        while key not in said:
            if not select.select([self.terminal], [], [], 20)[0]:
                raise RuntimeError("`docker exec` does not echo.")
            said += os.read(self.terminal, 4096)
        return time.perf_counter() - begin

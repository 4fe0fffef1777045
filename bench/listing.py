"""The list of containers beside the Engine's own call."""

import json
import shutil
import statistics
import subprocess
import urllib.parse
from dataclasses import dataclass
from http.client import HTTPConnection
from socket import AF_UNIX, SOCK_STREAM, socket
from subprocess import PIPE
from typing import Any

from requests import PreparedRequest, Response

from bench.ground import Ground, seconds

CONTAINERS = 500
ROUNDS = 15


@dataclass(frozen=True)
class Listing:
    """Seconds, the medians of some rounds; `calls` to the Engine for one list."""

    containers: int
    raw: float
    command_line: float
    service: float
    page: float
    calls: int

    def row(self) -> list[str]:
        return [
            f"{self.containers}",
            f"{self.raw * 1000:.1f} ms",
            f"{self.command_line * 1000:.1f} ms",
            f"{self.service * 1000:.1f} ms",
            f"{self.service / self.raw:.2f} x",
            f"{self.page * 1000:.1f} ms",
            f"{self.calls}",
        ]


HEADINGS = [
    "containers",
    "raw call",
    "docker ps",
    "service",
    "ratio",
    "page of 100",
    "Engine calls",
]


def measure_listing(ground: Ground) -> Listing:
    """Create containers without starting them, and list them in every way."""
    from django.test import Client

    from accounts.models import User
    from containers.queries import list_containers

    for number in range(CONTAINERS):
        ground.docker.create_container(
            "busybox:test", ["true"], name=f"listed-{number}", labels={"n": str(number)}
        )
    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    calls = engine_calls()
    list_containers()
    count = len(calls)

    def page() -> None:
        if client.get("/containers/").status_code != 200:
            raise RuntimeError("The list page failed.")

    raw_path = urllib.parse.urlparse(ground.engine.docker_host).path
    figures = [
        (
            seconds(lambda: raw_list(raw_path)),
            seconds(lambda: command_line(ground.engine.docker_host)),
            seconds(list_containers),
            seconds(page),
        )
        for _ in range(ROUNDS)
    ]
    medians = (statistics.median(column) for column in zip(*figures, strict=True))
    return Listing(CONTAINERS, *medians, count)


def command_line(docker_host: str) -> None:
    """`docker ps --all`, its start included: that is what a person waits for there."""
    docker = shutil.which("docker") or "docker"
    subprocess.run([docker, "--host", docker_host, "ps", "--all"], stdout=PIPE, check=True)


def raw_list(path: str) -> None:
    """`GET /containers/json?all=1` with nothing but the standard library, and its JSON read."""
    connection = HTTPConnection("localhost")
    connection.sock = socket(AF_UNIX, SOCK_STREAM)
    connection.sock.connect(path)
    connection.request("GET", "/containers/json?all=1")
    json.loads(connection.getresponse().read())
    connection.close()


def engine_calls() -> list[str]:
    """A list that every request of our client to the Engine is added to from now on."""
    from engine.client import client_of, current_url

    calls: list[str] = []
    client = client_of(current_url())
    send = client.send

    def counted(request: PreparedRequest, **kwargs: Any) -> Response:
        calls.append(str(request.url))
        return send(request, **kwargs)

    client.send = counted
    return calls

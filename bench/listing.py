"""The lists of containers, volumes, images and networks beside the Engine's own calls."""

import json
import shutil
import statistics
import subprocess
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from socket import AF_UNIX, SOCK_STREAM, socket
from subprocess import PIPE
from typing import Any

from django.test import Client
from requests import PreparedRequest, Response

from bench.ground import Ground, seconds

ROUNDS = 15


@dataclass(frozen=True)
class Noun:
    """What is listed: how many of it, the Engine's answers that a list needs, and all faces."""

    title: str
    count: int
    raw: tuple[str, ...]
    command: tuple[str, ...]
    service: Callable[[], Any]
    page: str


@dataclass(frozen=True)
class Listing:
    """Seconds, the medians of some rounds; `calls` to the Engine for one list."""

    title: str
    raw: float
    command_line: float
    service: float
    page: float
    calls: int

    def row(self) -> list[str]:
        return [
            self.title,
            f"{self.raw * 1000:.1f} ms",
            f"{self.command_line * 1000:.1f} ms",
            f"{self.service * 1000:.1f} ms",
            f"{self.service / self.raw:.2f} x",
            f"{self.page * 1000:.1f} ms",
            f"{self.calls}",
        ]


HEADINGS = [
    "list",
    "raw calls",
    "docker's command",
    "service",
    "ratio",
    "page of 100",
    "Engine calls",
]


def measure_listings(ground: Ground) -> list[Listing]:
    """Make many of each, and list them in every way."""
    from accounts.models import User

    make_many(ground.docker)
    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    calls = engine_calls()
    return [measure(ground, noun, client, calls) for noun in nouns()]


def nouns() -> list[Noun]:
    from containers.queries import list_containers
    from images.listing import list_images
    from networks.queries import list_networks
    from volumes.listing import list_volumes

    containers = "/containers/json?all=1"
    return [
        Noun("containers", 500, (containers,), ("ps", "--all"), list_containers, "/containers/"),
        Noun(
            *("volumes", 500, (containers, "/volumes"), ("volume", "ls")),
            *(list_volumes, "/volumes/"),
        ),
        Noun(
            *("images", 200, (containers, "/images/json"), ("image", "ls")),
            *(list_images, "/images/"),
        ),
        Noun(
            *("networks", 50, (containers, "/networks"), ("network", "ls")),
            *(list_networks, "/networks/"),
        ),
    ]


def make_many(docker: Any) -> None:
    """As many of each noun as is measured; of networks and images there are some more."""
    from tests.images import build

    for number in range(500):
        name = f"listed-{number}"
        docker.create_volume(name)
        host = docker.create_host_config(binds=[f"{name}:/data"])
        docker.create_container(
            *("busybox:test", ["true"]), name=name, labels={"n": f"{number}"}, host_config=host
        )
    for number in range(200):
        build(docker, f"listed:{number}", [f"LABEL n={number}"])
    for number in range(50):
        pool = {"Subnet": f"10.200.{number}.0/24"}
        docker.create_network(f"listed-{number}", ipam={"Driver": "default", "Config": [pool]})


def measure(ground: Ground, noun: Noun, client: Client, calls: list[str]) -> Listing:
    calls.clear()
    noun.service()
    count = len(calls)

    def page() -> None:
        if client.get(noun.page).status_code != 200:
            raise RuntimeError(f"The page of {noun.title} failed.")

    socket_path = urllib.parse.urlparse(ground.engine.docker_host).path
    figures = [
        (
            seconds(lambda: [raw_call(socket_path, path) for path in noun.raw]),
            seconds(lambda: command_line(ground.engine.docker_host, noun.command)),
            seconds(noun.service),
            seconds(page),
        )
        for _ in range(ROUNDS)
    ]
    medians = (statistics.median(column) for column in zip(*figures, strict=True))
    return Listing(f"{noun.count} {noun.title}", *medians, count)


def command_line(docker_host: str, command: tuple[str, ...]) -> None:
    """The same list by `docker`, its start included: that is what a person waits for there."""
    docker = shutil.which("docker") or "docker"
    subprocess.run([docker, "--host", docker_host, *command], stdout=PIPE, check=True)


def raw_call(socket_path: str, path: str) -> None:
    """A call of the Engine with nothing but the standard library, and its JSON read."""
    connection = HTTPConnection("localhost")
    connection.sock = socket(AF_UNIX, SOCK_STREAM)
    connection.sock.connect(socket_path)
    connection.request("GET", path)
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

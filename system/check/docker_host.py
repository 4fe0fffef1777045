"""The Docker host: its socket, its Engine, its clock, and what helpers are made from there."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from containermonkey import figures
from containermonkey.problems import Problem
from engine import Docker, engine
from engine.client import OLDEST_API, asked_for_version, current_url
from engine.helpers import helper_image
from stacks.deploy.plugin import find_plugin
from system.check.types import Check, advice, good, wrong
from volumes.local import may_do_all

PATIENCE = 5
"""Seconds that the Engine has to say which version it is."""

MOST_APART = 30
"""Seconds by which the clocks of this machine and the Docker host may differ."""

SOCKET, VERSION, ACCESS = "Docker socket", "Docker Engine", "Way to the Engine"
CLOCK, HELPER, COMPOSE = "Clock", "Helper image", "Compose plugin"


def checks() -> Iterator[Check]:
    yield access()
    try:
        version = asked_for_version(PATIENCE)
        yield good(SOCKET, f"The Engine answers at {current_url()}.")
        yield of_version(version)
        with engine() as docker:
            yield clock(docker.info())
            yield helper(docker)
    except Problem as problem:
        yield wrong(SOCKET, f"{problem} Its address is {current_url()}.", way_to_the_socket())
    yield compose_plugin()


def access() -> Check:
    """Whether whoever is in the network reaches the Engine too: it has no sign-in of its own."""
    place = urlsplit(current_url())
    if place.scheme == "unix":
        return good(ACCESS, "A socket, which only users of its machine can reach.")
    if place.scheme == "https" or os.environ.get("DOCKER_TLS_VERIFY"):
        return good(ACCESS, "TLS, with certificates on both sides.")
    return advice(
        ACCESS,
        f"{current_url()} is not encrypted, and whoever reaches it holds the Docker host.",
        "Have the Engine ask for certificates (dockerd --tlsverify) and set DOCKER_TLS_VERIFY and "
        "DOCKER_CERT_PATH here; or keep its port where nobody else reaches it.",
    )


def way_to_the_socket() -> str:
    """What to do about an Engine that does not answer, as far as can be told from here."""
    place = urlsplit(current_url())
    if place.scheme != "unix":
        return (
            f"Look whether the Engine runs there and listens on {place.netloc}, whether a firewall "
            "is between, and whether DOCKER_HOST and the certificates are right."
        )
    path = Path(place.path)
    if not path.exists():
        return (
            f"There is no {path}. Start the Engine (systemctl start docker), or set DOCKER_HOST to "
            f"its socket. In a container, mount it: -v {path}:{path}."
        )
    if not stat.S_ISSOCK(path.stat().st_mode):
        return (
            f"{path} is no socket: it was mounted before there was one. Start the Engine, remove "
            "that folder, and start this program again."
        )
    if not os.access(path, os.R_OK | os.W_OK):
        return (
            f"This program may not use {path}. Run it as root, or as a user in the group that the "
            "socket belongs to (usermod -aG docker USER)."
        )
    return f"Nobody answers behind {path}. Start the Engine again (systemctl restart docker)."


def of_version(version: dict[str, Any]) -> Check:
    """Whether the Engine speaks what the program needs."""
    spoken = str(version.get("ApiVersion", ""))
    detail = f"Docker {version.get('Version', '?')}, API {spoken or '?'}."
    if numbers(spoken) < numbers(OLDEST_API):
        return wrong(
            *(VERSION, f"{detail} API {OLDEST_API} or newer is needed."),
            "Install Docker 20.10 or newer on the Docker host.",
        )
    return good(VERSION, detail)


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def clock(about: dict[str, Any], now: datetime | None = None) -> Check:
    """Whether schedules and names of archives go by the time that the Docker host has."""
    try:
        there = datetime.fromisoformat(about["SystemTime"])
    except (KeyError, ValueError):
        return good(CLOCK, "The Engine does not tell its time.")
    apart = abs((there - (now or datetime.now(UTC))).total_seconds())
    if apart > MOST_APART:
        return wrong(
            CLOCK,
            f"The Docker host and this machine are {figures.duration(apart)} apart.",
            "Turn time synchronisation on, on both (timedatectl set-ntp true).",
        )
    return good(CLOCK, f"The same as that of the Docker host, {figures.moment(there)}.")


def helper(docker: Docker) -> Check:
    """Whether there is something that can work inside volumes which are not reached from here."""
    image = helper_image(docker)
    if image and settings.HELPER_IMAGE and docker.find_image(settings.HELPER_IMAGE):
        return good(HELPER, f"{settings.HELPER_IMAGE} is on the host.")
    if settings.HELPER_IMAGE and not image:
        return wrong(
            HELPER,
            f"CONTAINERMONKEY_HELPER_IMAGE names {settings.HELPER_IMAGE}; it is not on the host.",
            f"Pull it: docker pull {settings.HELPER_IMAGE}, or Images, Pull.",
        )
    if image:
        return good(HELPER, "The image of this program itself.")
    if urlsplit(current_url()).scheme == "unix" and may_do_all():
        return good(HELPER, "None, and none is needed: volumes are reached as directories.")
    return advice(
        HELPER,
        "There is none, and volumes are not reached as directories. They are saved without some "
        "attributes of their files, and cannot be overwritten.",
        "Name an image with GNU tar in CONTAINERMONKEY_HELPER_IMAGE, as debian:stable-slim, and "
        "pull it on the Docker host.",
    )


def compose_plugin() -> Check:
    if find_plugin():
        return good(COMPOSE, "It is installed beside this program.")
    return advice(
        COMPOSE,
        "It is not installed beside this program. Everything but deploying compose files works.",
        "Install Docker’s package docker-compose-plugin, or Debian’s docker-compose.",
    )

"""What the Engine says of its host, remembered: it hardly ever changes while the Engine runs."""

from dataclasses import dataclass

from engine import identity
from engine.client import Docker, current_url


@dataclass(frozen=True)
class About:
    """A Docker host by its own account. `memory` in bytes; `root` is where Docker has its data.

    `holds_us` is True where this very process runs in a container of it.
    """

    name: str
    version: str
    kernel: str
    cpus: int
    memory: int
    root: str
    holds_us: bool


_last: dict[str, About] = {}
"""The last answer of each Engine."""


def ask_about(docker: Docker) -> About:
    """Ask the Engine, and remember what it said."""
    said = docker.info()
    own_id = identity.candidate_id()
    about = About(
        name=said.get("Name") or "Docker",
        version=said.get("ServerVersion") or "?",
        kernel=said.get("KernelVersion") or "",
        cpus=said.get("NCPU") or 0,
        memory=said.get("MemTotal") or 0,
        root=said.get("DockerRootDir") or "",
        holds_us=bool(own_id and docker.list_containers(filters={"id": [own_id]})),
    )
    _last[current_url()] = about
    return about


def known_about() -> About | None:
    """What the current Engine said last; None where it never answered."""
    return _last.get(current_url())

"""What the services of this app answer."""

from dataclasses import dataclass
from typing import Literal

from containers.types import Container


@dataclass(frozen=True)
class Service:
    """The containers of one role in a stack: how many there are to be, and how many run."""

    name: str
    image: str
    desired: int
    running: int


@dataclass(frozen=True)
class Stack:
    """A compose project or swarm stack; with nothing in it, one that only backups tell of."""

    name: str
    kind: Literal["compose", "swarm"]
    services: list[Service]
    status: Literal["running", "partial", "stopped"]
    containers: list[Container]

    @property
    def is_here(self) -> bool:
        """Whether the host has anything of it: a swarm's stopped stack has services alone."""
        return bool(self.containers or self.services)

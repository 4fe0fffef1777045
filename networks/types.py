"""What is known of networks, in plain values."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pool:
    """A range of addresses; what was not chosen is None."""

    subnet: str | None
    gateway: str | None
    ip_range: str | None


@dataclass(frozen=True, slots=True)
class Ipam:
    driver: str
    config: list[Pool]


@dataclass(frozen=True, slots=True)
class Member:
    """A container on a network; its addresses are None while it does not run."""

    id: str
    name: str
    ipv4: str | None
    ipv6: str | None


@dataclass(frozen=True, slots=True)
class Network:
    """A network of the host, with every container that is on it, running or not."""

    id: str
    name: str
    driver: str
    scope: str
    internal: bool
    attachable: bool
    ipv6: bool
    ipam: Ipam
    containers: list[Member]
    built_in: bool
    labels: dict[str, str]
    stack: str | None
    created: datetime | None

    @property
    def subnets(self) -> list[str]:
        return [pool.subnet for pool in self.ipam.config if pool.subnet]

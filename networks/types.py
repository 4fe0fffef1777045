"""What is known of networks, in plain values."""

from dataclasses import dataclass, field
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
    """A container on a network; its addresses are None while it does not run.

    `aliases` are its further names there, None where they were not asked for.
    """

    id: str
    name: str
    ipv4: str | None
    ipv6: str | None
    aliases: list[str] | None = None


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
    options: dict[str, str]
    ingress: bool
    config_only: bool
    config_from: str | None

    @property
    def subnets(self) -> list[str]:
        return [pool.subnet for pool in self.ipam.config if pool.subnet]


@dataclass(frozen=True, slots=True)
class NetworkDetails(Network):
    """A network with the services of a swarm that use it.

    `kept` says why it cannot be deleted, `closed` why no container can be connected to it; None
    where that can be done.
    """

    services: list[str]
    kept: str | None
    closed: str | None


@dataclass(frozen=True, slots=True)
class SavedAs:
    """A good backup of a network."""

    filename: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """How a container is to be on a network: further names, and addresses where one is chosen."""

    aliases: list[str] = field(default_factory=list)
    ipv4_address: str = ""
    ipv6_address: str = ""

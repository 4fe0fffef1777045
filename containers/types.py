"""What is known of containers, in plain values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a container; `host_ip` and `host_port` are None where it is not published."""

    host_ip: str | None
    host_port: int | None
    container_port: int
    protocol: str


@dataclass(frozen=True, slots=True)
class Mount:
    """Something mounted; `name` is the volume's, None for anything else."""

    type: str
    name: str | None
    source: str
    destination: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class Container:
    """A container as the Engine's list tells of it."""

    id: str
    short_id: str
    name: str
    image: str
    image_id: str
    status: str
    status_text: str
    health: str | None
    ports: list[Port]
    ip_address: str | None
    ip_addresses: dict[str, str]
    created: datetime
    mounts: list[Mount]
    labels: dict[str, str]
    stack: str | None

    @property
    def volumes(self) -> list[str]:
        """The names of the volumes that it mounts."""
        return [each.name for each in self.mounts if each.type == "volume" and each.name]


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment; `value` is None for those who may not read secrets."""

    key: str
    value: str | None


@dataclass(frozen=True, slots=True)
class HostPort:
    """Where a port is published; `host_port` is None while the Engine has yet to choose one."""

    host_ip: str | None
    host_port: int | None


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    name: str
    maximum_retry_count: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How a container is attached to a network; addresses are None while it does not run."""

    name: str
    network_id: str | None
    ip_address: str | None
    ipv6_address: str | None
    gateway: str | None
    mac_address: str | None
    aliases: list[str]


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """How the Engine asks a container for its health; the lengths of time are in seconds."""

    test: list[str]
    interval: float | None
    timeout: float | None
    start_period: float | None
    retries: int | None


@dataclass(frozen=True, slots=True)
class Resources:
    """The limits set on a container, None where there is none; memory in bytes."""

    cpus: float | None
    cpu_shares: int | None
    cpuset_cpus: str | None
    memory: int | None
    memory_reservation: int | None
    memory_swap: int | None
    pids_limit: int | None


@dataclass(frozen=True, slots=True)
class ContainerDetails(Container):
    """A container with its configuration; `inspect` is the Engine's whole answer."""

    environment: list[Variable]
    port_mappings: dict[str, list[HostPort]]
    command: list[str]
    entrypoint: list[str]
    working_dir: str
    user: str
    hostname: str
    restart_policy: RestartPolicy
    networks: list[Endpoint]
    healthcheck: Healthcheck | None
    resources: Resources
    inspect: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of an act: whether it changed anything, and the container as it is now.

    `container` is None where the act was the end of it, as the stop of a `--rm` container is.
    """

    changed: bool
    container: Container | None


@dataclass(frozen=True, slots=True)
class Holding:
    """A mount of a container that is about to be deleted, and who else mounts the same volume."""

    mount: Mount
    shared_with: list[str]


@dataclass(frozen=True, slots=True)
class Loss:
    """What goes and what stays when a container is deleted.

    `anonymous` are the volumes that go too if that is chosen; `kept` stay in any case.
    """

    container: Container
    running: bool
    anonymous: list[Holding]
    kept: list[Holding]

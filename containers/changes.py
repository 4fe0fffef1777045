"""What is to be different about a container that is made again."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from containermonkey.problems import Invalid

CONTAINER = "container:"


@dataclass(frozen=True)
class Changes:
    """Whatever is left out stays as it was.

    `image`: another reference. `port_overrides`: container port (`80/tcp`) to host port; the
    host's address stays. `volume_names`: old to new. `network_names`: old name or id to new name.
    `containers`: what the container calls other containers (see `referenced_containers`) to what
    they are called now; None for one that is gone. `hostname`: a chosen one. `host_name`: what
    the inspected container's Docker host calls itself (`Name` of `GET /info`), by which a host
    name that was only copied from there is recognised.
    """

    image: str | None = None
    port_overrides: Mapping[str, int] = field(default_factory=dict)
    volume_names: Mapping[str, str] = field(default_factory=dict)
    network_names: Mapping[str, str] = field(default_factory=dict)
    containers: Mapping[str, str | None] = field(default_factory=dict)
    hostname: str | None = None
    host_name: str | None = None


def container_mode(mode: str | None) -> str | None:
    """The other container in a mode such as `container:<id>`; None for every other mode."""
    mode = mode or ""
    return mode.removeprefix(CONTAINER) if mode.startswith(CONTAINER) else None


def moved_container(reference: str, changes: Changes) -> str | None:
    """What the container that was called `reference` is called now; None if it is gone."""
    return changes.containers.get(reference, reference)


def referenced_containers(inspect: Mapping[str, Any]) -> list[str]:
    """The ids and names by which a container refers to others.

    For its network, IPC, PID or cgroup, its volumes and its legacy links. Ids change when those
    others are made again: whoever keeps an inspect keeps their names beside it.
    """
    host = inspect["HostConfig"]
    modes = [host.get(name) for name in ("NetworkMode", "IpcMode", "PidMode", "Cgroup")]
    found = [other for mode in modes if (other := container_mode(mode))]
    found += [text.partition(":")[0] for text in host.get("VolumesFrom") or []]
    found += [text.partition(":")[0].removeprefix("/") for text in host.get("Links") or []]
    return list(dict.fromkeys(found))


@contextmanager
def understood() -> Iterator[None]:
    """Raise Invalid where an inspect, which may come from an archive, is not what Docker writes."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Invalid("The description of the container is not one that Docker writes.") from error

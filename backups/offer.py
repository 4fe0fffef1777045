"""What a backup of a container would hold, shown before it is asked for."""

from dataclasses import dataclass
from typing import Any

from backups.consistency import sharing_containers
from backups.sources import (
    OwnData,
    Skipped,
    Source,
    is_anonymous,
    key_of,
    reason_to_skip,
    refuse_ourselves,
)
from engine import engine


@dataclass(frozen=True)
class Offer:
    """The data of a container: `volumes` always go in, `folders` are bind mounts that may.

    `never` is left out whatever is chosen. `together` names the running containers that are
    paused or stopped with it, because they use the same volumes.
    """

    container_name: str
    running: bool
    volumes: list[Source]
    folders: list[Source]
    never: list[Skipped]
    together: list[str]

    @property
    def saved(self) -> list[str]:
        """The titles of what always goes in."""
        return [source.title for source in self.volumes]

    @property
    def folder_names(self) -> str:
        return ", ".join(source.name for source in self.folders)


def offer_of(reference: str) -> Offer:
    """What a backup of this container would hold. Raise NotFound, or CannotBackUp for ourselves."""
    with engine() as docker:
        inspect = docker.find_container(reference)
        refuse_ourselves(inspect)
        sources, never = sorted_out(inspect, OwnData.of(docker))
        volumes = [source for source in sources if source.type == "volume"]
        members = sharing_containers(docker, inspect, volumes)
    return Offer(
        container_name=inspect["Name"].removeprefix("/"),
        running=bool(inspect["State"]["Running"]),
        volumes=volumes,
        folders=[source for source in sources if source.type == "bind"],
        never=never,
        together=[member.name for member in members if member.id != inspect["Id"]],
    )


def sorted_out(inspect: dict[str, Any], own: OwnData) -> tuple[list[Source], list[Skipped]]:
    """What may be saved and what never is, from the inspect alone: no folder is looked into."""
    sources: dict[tuple[str, str], Source] = {}
    never = []
    for mount in inspect.get("Mounts") or []:
        kind, name = mount["Type"], mount.get("Name") or mount.get("Source", "")
        destination = mount["Destination"]
        if reason := reason_to_skip(mount, own, include_bind_mounts=True):
            never.append(Skipped(kind, name, destination, reason))
        else:
            anonymous = kind == "volume" and is_anonymous(inspect, mount)
            key = key_of(kind, name, name)
            sources.setdefault(
                (kind, name), Source(key, kind, name, (destination,), anonymous=anonymous)
            )
    return list(sources.values()), never

"""What a backup of a container would hold, shown before it is asked for."""

from dataclasses import dataclass

from backups.consistency import sharing_containers
from backups.sources import Skipped, Source, refuse_ourselves, sources_of
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
        sources, never = sources_of(docker, inspect, include_bind_mounts=True)
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

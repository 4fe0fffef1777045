"""What a backup of a container would hold, shown before it is asked for."""

from dataclasses import dataclass
from typing import Any

from backups.consistency import sharing_containers, with_dependents
from backups.hooks import hooks_of
from backups.protected import reason_to_skip
from backups.sources import Skipped, Source, key_of, name_of, refuse_ourselves
from engine import engine
from volumes.protected import OwnData
from volumes.queries import is_anonymous


@dataclass(frozen=True)
class Offer:
    """The data of a container: `volumes` always go in, `folders` are bind mounts that may.

    `never` is left out whatever is chosen. `sharing` names the running containers that are paused
    or stopped with it, because they use the same volumes; `dependent` those that are stopped too,
    because they need one of these. `hooks` says what is run in it, and when.
    """

    container_name: str
    running: bool
    volumes: list[Source]
    folders: list[Source]
    never: list[Skipped]
    sharing: list[str]
    dependent: list[str]
    hooks: list[tuple[str, str]]

    @property
    def saved(self) -> list[str]:
        """What always goes in, each as the beginning of a line."""
        return [source.title[:1].upper() + source.title[1:] for source in self.volumes]

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
        sharing = sharing_containers(docker, [inspect], volumes)
        dependent = with_dependents(docker, sharing)
    return Offer(
        container_name=inspect["Name"].removeprefix("/"),
        running=bool(inspect["State"]["Running"]),
        volumes=volumes,
        folders=[source for source in sources if source.type == "bind"],
        never=never,
        sharing=[member.name for member in sharing if member.id != inspect["Id"]],
        dependent=[member.name for member in dependent if member not in sharing],
        hooks=hooks_of(inspect).words,
    )


def sorted_out(inspect: dict[str, Any], own: OwnData) -> tuple[list[Source], list[Skipped]]:
    """What may be saved and what never is, from the inspect alone: no folder is looked into."""
    sources: dict[tuple[str, str], Source] = {}
    never = []
    for mount in inspect.get("Mounts") or []:
        kind, name, destination = mount["Type"], name_of(mount), mount["Destination"]
        if reason := reason_to_skip(mount, own, include_bind_mounts=True):
            never.append(Skipped(kind, name, destination, reason))
        else:
            anonymous = kind == "volume" and is_anonymous(mount["Name"])
            key = key_of(kind, name, name)
            sources.setdefault(
                (kind, name), Source(key, kind, name, (destination,), anonymous=anonymous)
            )
    return list(sources.values()), never

"""What a backup of a whole stack would hold, shown before it is asked for."""

from dataclasses import dataclass, replace
from typing import Any

from backups.consistency import sharing_containers, with_dependents
from backups.hooks import hooks_of
from backups.offer import sorted_out
from backups.sets.members import members_of_stack
from backups.sources import Skipped, Source
from engine import engine
from volumes.protected import OwnData


@dataclass(frozen=True)
class MemberOffer:
    """What of one container goes in, and what is run in it, as for a single backup.

    On the page it is a step: `text` and `detail`.
    """

    container_name: str
    running: bool
    sources: list[Source]
    never: list[Skipped]
    hooks: list[tuple[str, str]]

    @property
    def text(self) -> str:
        return self.container_name

    @property
    def detail(self) -> str:
        """What goes in, and what is run before and after."""
        titles = [source.title for source in self.sources if source.type == "volume"]
        saved = ", ".join(titles) or "its configuration alone"
        run = [f"{when}: {words}" for when, words in self.hooks]
        if run and not self.running:
            run = ["Nothing is run in it, because it does not run"]
        return ". ".join([saved[:1].upper() + saved[1:], *run])


@dataclass(frozen=True)
class StackOffer:
    """`sharing` and `dependent` are containers outside of the stack that are held still with it.

    `may_stop`: a swarm would start others in place of its tasks as soon as these are stopped.
    """

    stack: str
    may_stop: bool
    members: list[MemberOffer]
    sharing: list[str]
    dependent: list[str]

    @property
    def folder_names(self) -> str:
        folders = [
            source.name
            for member in self.members
            for source in member.sources
            if source.type == "bind"
        ]
        return ", ".join(dict.fromkeys(folders))

    @property
    def never(self) -> list[Skipped]:
        """What is left out whatever is chosen, each with its container before its place."""
        return [
            replace(item, destination=f"{member.container_name}: {item.destination}")
            for member in self.members
            for item in member.never
        ]


def stack_offer_of(stack: str) -> StackOffer:
    """What a backup of this stack would hold. Raise NotFound for one without containers."""
    with engine() as docker:
        found, own = members_of_stack(docker, stack), OwnData.of(docker)
        members = [offer_of_member(inspect, own) for inspect in found.inspects]
        volumes = [
            source for member in members for source in member.sources if source.type == "volume"
        ]
        sharing = sharing_containers(docker, found.inspects, volumes)
        dependent = with_dependents(docker, sharing)
    return StackOffer(
        stack=stack,
        may_stop=found.kind != "swarm",
        members=members,
        sharing=[member.name for member in sharing if member.name not in found.names],
        dependent=[member.name for member in dependent if member not in sharing],
    )


def offer_of_member(inspect: dict[str, Any], own: OwnData) -> MemberOffer:
    sources, never = sorted_out(inspect, own)
    return MemberOffer(
        container_name=inspect["Name"].removeprefix("/"),
        running=bool(inspect["State"]["Running"]),
        sources=sources,
        never=never,
        hooks=hooks_of(inspect).words,
    )

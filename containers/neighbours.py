"""Which containers use the network, IPC or processes of another, or are linked to it.

They hold on to that very container: when it is made again, so must they be. The Engine's list
tells of networks only, so each container has to be inspected to know; that is done once.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from containers.acts import container_if_there
from containers.changes import container_mode
from engine import Docker

MODES = ("NetworkMode", "IpcMode", "PidMode")


class Neighbours:
    """The containers of a host as they were when they were first asked after.

    Costs a list and one inspect of each container, however many questions follow.
    """

    def __init__(self, docker: Docker) -> None:
        self.docker = docker

    @cached_property
    def inspects(self) -> list[dict[str, Any]]:
        found = (container_if_there(row["Id"]) for row in self.docker.list_containers())
        return [inspect for inspect in found if inspect]

    def named(self, reference: str) -> dict[str, Any] | None:
        """The container with exactly this id or name."""
        return next((each for each in self.inspects if reference in called(each)), None)

    def sharing_with(self, inspect: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Those that use this container's network, IPC or PID."""
        names = called(inspect)
        return [each for each in self.inspects if names & used_by(each)]

    def depending_on(self, inspect: Mapping[str, Any]) -> list[dict[str, Any]]:
        """All that must be made again with this one: those that share, those that are linked to it,
        and whoever depends on these in turn; each after what it depends on."""
        found: list[dict[str, Any]] = []
        left: list[Mapping[str, Any]] = [inspect]
        known = {inspect["Id"]}
        while left:
            names = called(left.pop(0))
            for each in self.inspects:
                if each["Id"] not in known and names & (used_by(each) | linked_by(each)):
                    known.add(each["Id"])
                    found.append(each)
                    left.append(each)
        return in_order(found)


def in_order(containers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each after those of the others that it uses; as they come where they use each other."""
    ordered: list[dict[str, Any]] = []
    left = list(containers)
    while left:
        free = [
            each
            for each in left
            if not any(depends(each, other) for other in left if other is not each)
        ] or left[:1]
        ordered += free
        left = [each for each in left if each not in free]
    return ordered


def depends(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(called(other) & (used_by(one) | linked_by(one)))


def called(inspect: Mapping[str, Any]) -> set[str]:
    """What others may call a container."""
    return {inspect["Id"], str(inspect["Name"]).removeprefix("/")}


def used_by(inspect: Mapping[str, Any]) -> set[str]:
    """The containers, by id or name, whose network, IPC or PID a container uses."""
    modes = (container_mode(inspect["HostConfig"].get(mode)) for mode in MODES)
    return {other for other in modes if other}


def linked_by(inspect: Mapping[str, Any]) -> set[str]:
    """The containers, by name, that a container has legacy links to."""
    links = inspect["HostConfig"].get("Links") or []
    return {text.partition(":")[0].removeprefix("/") for text in links}

"""How each mount of each container is protected.

The Engine is asked as often whatever there is, but for a look at each container that is new.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.audit import Actor, acting
from backups.protected import reason_to_skip
from backups.protection.saved import Moment, Saved, saved_by_container
from backups.protection.types import CONFIGURATION, Item, State
from backups.schedules.coverage import schedules_of
from backups.sources import name_of
from containers.mapping import of_row
from containers.memory_folders import remembered
from containers.types import Container
from engine import engine
from engine.identity import is_ours
from volumes.protected import OwnData

OLD_AFTER = 7
"""Days after which a backup counts as old unless something else is asked for."""


@dataclass(frozen=True)
class Host:
    """What the Engine says of its containers; `volumes` are the Engine's answers by name."""

    rows: list[dict[str, Any]]
    volumes: dict[str, dict[str, Any]]
    in_memory: dict[str, list[dict[str, Any]]]
    own: OwnData

    @classmethod
    def now(cls) -> "Host":
        with engine() as docker:
            volumes = docker.volumes()["Volumes"] or []
            rows = docker.list_containers()
            rows = [row for row in rows if not is_ours(row["Id"], row["Labels"])]
            in_memory = remembered.among(docker, [row["Id"] for row in rows])
            own = OwnData.of(docker)
        return cls(rows, {volume["Name"]: volume for volume in volumes}, in_memory, own)

    def mounts_of(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        return [*(row["Mounts"] or []), *self.in_memory[row["Id"]]]


def protection(older_than: int = OLD_AFTER) -> list[Item]:
    """Every container of the host but ourselves: its configuration, then each of its mounts.

    What was saved more than `older_than` days ago counts as old.
    """
    host = Host.now()
    containers = {row["Id"]: of_row(row) for row in host.rows}
    saved = saved_by_container({container.name for container in containers.values()})
    # What a schedule covers must not hang on what whoever looks at it may see of the labels.
    with acting(Actor):
        schedules = schedules_of(of_row(row) for row in host.rows)
    judge = Judge(host, timezone.now() - timedelta(days=older_than))
    return [
        replace(item, schedules=schedules.get(container.id, []))
        for row in host.rows
        for container in [containers[row["Id"]]]
        for item in judge.items(container, host.mounts_of(row), saved[container.name])
    ]


@dataclass(frozen=True)
class Judge:
    """Says in which state each part of a container is; older than `since` is old."""

    host: Host
    since: datetime

    def items(
        self, container: Container, mounts: list[dict[str, Any]], saved: Saved
    ) -> Iterator[Item]:
        whole = Item(container.name, container.stack, CONFIGURATION, "", "", "never")
        yield self.held(whole, saved.newest)
        for mount in mounts:
            yield self.mount(container, mount, saved)

    def mount(self, container: Container, mount: dict[str, Any], saved: Saved) -> Item:
        name, destination = name_of(mount), mount["Destination"]
        item = Item(container.name, container.stack, mount["Type"], name, destination, "never")
        if moment := saved.moment_of(name, destination):
            return replace(self.held(item, moment), reason=saved.left_out.get(destination, ""))
        volume = self.host.volumes.get(name) if mount["Type"] == "volume" else None
        reason = reason_to_skip(mount, self.host.own, include_bind_mounts=True, volume=volume)
        if reason:
            return replace(item, state="impossible", reason=reason)
        if reason := saved.left_out.get(destination):
            return replace(item, state="excluded", reason=reason)
        if saved.newest:
            return replace(item, reason="It was mounted after the last backup.")
        return item

    def held(self, item: Item, moment: Moment | None) -> Item:
        """The item as the backup of that moment has it."""
        if moment is None:
            return item
        state: State = "protected" if moment.created >= self.since else "old"
        return replace(item, state=state, saved_at=moment.created, filename=moment.filename)

"""The volumes of the host: all of them, those with certain words, and in which order."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from containers.mapping import name_of, stack_of
from engine import Docker, engine
from engine.disk_usage import volume_sizes
from engine.identity import is_helper, is_hidden
from volumes.queries import makes_own
from volumes.types import Volume

NEVER = datetime.min.replace(tzinfo=UTC)

SORT_KEYS: dict[str, Callable[[Volume], Any]] = {
    "name": lambda volume: volume.name.casefold(),
    "driver": lambda volume: volume.driver,
    "created": lambda volume: volume.created or NEVER,
    "size": lambda volume: -1 if volume.size is None else volume.size,
    "use": lambda volume: len(volume.in_use_by),
    "stack": lambda volume: (volume.stack or "").casefold(),
}


def list_volumes(search: str = "", sort: str = "name", *, sizes: bool = False) -> list[Volume]:
    """The host's volumes but Container Monkey's own; two calls of the Engine, `sizes` a third.

    The Engine walks every volume for their sizes, which may take minutes. `search` are words that
    must all be found in name, driver, labels or the containers that mount it.
    """
    with engine() as docker:
        everything = volumes_of(docker, volume_sizes(docker) if sizes else {})
    return in_order(matching(everything, search), sort)


def volumes_of(docker: Docker, sizes: dict[str, int]) -> list[Volume]:
    """Every volume that may be shown, with the containers that mount it."""
    rows = docker.list_containers()
    users = mounted([row for row in rows if not is_hidden(row["Id"], row["Labels"])])
    own = mounted([row for row in rows if makes_own(row)])
    return [
        volume_of(row, users[row["Name"]], sizes.get(row["Name"]))
        for row in docker.volumes()["Volumes"] or []
        if row["Name"] not in own and not is_helper(row.get("Labels"))
    ]


def mounted(rows: list[dict[str, Any]]) -> defaultdict[str, list[str]]:
    """The volumes that containers mount, each with the names of these."""
    users: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        for name in {mount["Name"] for mount in row["Mounts"] or [] if mount["Type"] == "volume"}:
            users[name].append(name_of(row))
    return users


def volume_of(row: dict[str, Any], users: list[str], size: int | None) -> Volume:
    labels = row.get("Labels") or {}
    created = row.get("CreatedAt")
    return Volume(
        name=row["Name"],
        driver=row["Driver"],
        mountpoint=row.get("Mountpoint") or "",
        created=datetime.fromisoformat(created) if created else None,
        size=size,
        in_use_by=sorted(users, key=str.casefold),
        labels=labels,
        stack=stack_of(labels),
    )


def matching(volumes: list[Volume], search: str) -> list[Volume]:
    """Those in which every word is found."""
    words = search.casefold().split()
    return [volume for volume in volumes if all(word in text_of(volume) for word in words)]


def text_of(volume: Volume) -> str:
    labels = [f"{name}={value}" for name, value in volume.labels.items()]
    return "\n".join([volume.name, volume.driver, *labels, *volume.in_use_by]).casefold()


def in_order(
    volumes: list[Volume], sort: str, backed_up: Mapping[str, datetime] | None = None
) -> list[Volume]:
    """Sorted by a key of SORT_KEYS, or by `backup`: never first; `-` before it turns it round.

    An unknown one counts as name.
    """
    saved = backed_up or {}
    keys = SORT_KEYS | {"backup": lambda volume: saved.get(volume.name, NEVER)}
    by_name = sorted(volumes, key=SORT_KEYS["name"])
    key = keys.get(sort.removeprefix("-"), SORT_KEYS["name"])
    return sorted(by_name, key=key, reverse=sort.startswith("-"))

"""The volumes of the host: all of them, those with certain words, and in which order."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from accounts.masks import visible_pairs
from containermonkey import listing
from containermonkey.listing import NEVER
from containers.labels import stack_of
from containers.mapping import name_of
from engine import Docker, engine
from engine.identity import is_helper, is_hidden
from engine.times import moment
from volumes.queries import makes_own
from volumes.types import Volume

SORT_KEYS: dict[str, Callable[[Volume], Any]] = {
    "name": lambda volume: volume.name.casefold(),
    "driver": lambda volume: volume.driver.casefold(),
    "created": lambda volume: volume.created or NEVER,
    "size": lambda volume: -1 if volume.size is None else volume.size,
    "use": lambda volume: len(volume.in_use_by),
    "stack": lambda volume: (volume.stack or "").casefold(),
}


def list_volumes(
    search: str = "", sort: str = "name", *, sizes: Mapping[str, int] | None = None
) -> list[Volume]:
    """The host's volumes but Container Monkey's own; two calls of the Engine.

    `search` are words that must all be found in name, driver, labels or the containers that
    mount it. `sizes` are the bytes in each, as far as they are known.
    """
    with engine() as docker:
        everything = volumes_of(docker, docker.list_containers(), sizes or {})
    return in_order(matching(everything, search), sort)


def volumes_of(
    docker: Docker, rows: list[dict[str, Any]], sizes: Mapping[str, int]
) -> list[Volume]:
    """Every volume that may be shown, with those of the listed containers that mount it."""
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
    return Volume(
        name=row["Name"],
        driver=row["Driver"],
        mountpoint=row.get("Mountpoint") or "",
        created=moment(row.get("CreatedAt")),
        size=size,
        in_use_by=sorted(users, key=str.casefold),
        labels=visible_pairs(labels),
        stack=stack_of(labels),
    )


def matching(volumes: list[Volume], search: str) -> list[Volume]:
    """Those in which every word is found."""
    return listing.with_words(volumes, search, found_in)


def found_in(volume: Volume, word: str) -> bool:
    labels = [f"{name}={value}" for name, value in volume.labels.items()]
    texts = [volume.name, volume.driver, *labels, *volume.in_use_by]
    return any(word in text.casefold() for text in texts)


def in_order(
    volumes: list[Volume], sort: str, backed_up: Mapping[str, datetime] | None = None
) -> list[Volume]:
    """Sorted by a key of SORT_KEYS, or by `backup`: never first; `-` before it turns it round.

    An unknown one counts as name.
    """
    saved = backed_up or {}
    keys = SORT_KEYS | {"backup": lambda volume: saved.get(volume.name, NEVER)}
    return listing.in_order(volumes, sort, keys)

"""Deleting the volumes that nobody uses, after it was shown which ones these are."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine import engine
from engine.identity import is_at_files, is_helper
from jobs.services import volumes_in_work
from volumes.annotations import last_backups
from volumes.deleting import MOST, Result, result_of
from volumes.listing import in_order, mounted, volumes_of
from volumes.queries import is_anonymous
from volumes.sizes import Sizes, remembered_sizes
from volumes.types import Volume


@dataclass(frozen=True)
class Unused:
    volume: Volume
    anonymous: bool
    last_backup: datetime | None


@dataclass(frozen=True)
class Space:
    """Bytes in some volumes, as far as they were counted lately; `unknown` counts the others."""

    size: int
    unknown: int
    counted_at: datetime | None

    @classmethod
    def of(cls, names: list[str], sizes: Sizes | None) -> "Space":
        known = [sizes.of[name] for name in names if name in sizes.of] if sizes else []
        return cls(sum(known), len(names) - len(known), sizes.counted_at if sizes else None)

    @property
    def exact(self) -> int | None:
        """The bytes, None unless those of every one are known."""
        return None if self.unknown else self.size


@dataclass(frozen=True)
class PrunePreview:
    """What would be deleted, at most `MOST` at once; `more` counts those that come after these.

    `in_work` are unused too, and left alone because a job works with them.
    """

    volumes: list[Unused]
    more: int
    in_work: list[str]
    space: Space


@dataclass(frozen=True)
class Pruned:
    """What came of it; `space` is that of those that are gone."""

    deleted: list[str] = field(default_factory=list)
    failed: list[Result] = field(default_factory=list)
    space: Space = field(default_factory=lambda: Space(0, 0, None))


def unused_volumes(*, everything: bool = False) -> PrunePreview:
    """The volumes that no container mounts, running or not; two calls of the Engine.

    Those that nobody gave a name, or with `everything` the others too. Never Container Monkey's
    own, nor one that a job works with or has yet to put something back into.
    """
    with engine() as docker:
        rows = docker.list_containers()
        sizes = remembered_sizes()
        known = volumes_of(docker, rows, sizes.of if sizes else {})
    in_work = volumes_in_work() | held_by_helpers(rows)
    unused = [
        volume
        for volume in in_order(known, "name")
        if not volume.in_use_by and (everything or is_anonymous(volume.name))
    ]
    free = [volume for volume in unused if volume.name not in in_work]
    saved = last_backups()
    return PrunePreview(
        volumes=[
            Unused(volume, is_anonymous(volume.name), saved.get(volume.name))
            for volume in free[:MOST]
        ],
        more=len(free[MOST:]),
        in_work=[volume.name for volume in unused if volume.name in in_work],
        space=Space.of([volume.name for volume in free[:MOST]], sizes),
    )


def held_by_helpers(rows: list[dict[str, Any]]) -> set[str]:
    """The volumes that helper containers of jobs mount, for whatever process they work."""
    held = [row for row in rows if is_helper(row["Labels"]) and not is_at_files(row["Labels"])]
    return set(mounted(held))


def prune_volumes(names: list[str], *, everything: bool = False) -> Pruned:
    """Delete those of the volumes that are still unused; one that is not stops no other.

    Each is judged anew, as for a deletion alone; without `everything`, one that has a name stays.
    """
    sizes = remembered_sizes()
    in_work = volumes_in_work()
    results = [pruned(name, in_work, everything=everything) for name in dict.fromkeys(names[:MOST])]
    deleted = [result.name for result in results if result.success]
    failed = [result for result in results if not result.success]
    return Pruned(deleted, failed, Space.of(deleted, sizes))


def pruned(name: str, in_work: set[str], *, everything: bool) -> Result:
    if not everything and not is_anonymous(name):
        reason = f"The volume {name[:80]} has a name, and only those without were asked for."
        return Result(name, success=False, error=reason)
    return result_of(name, in_work)

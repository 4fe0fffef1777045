"""Which mounts of a container its newest backup covers."""

from typing import Any

from backups.models import Backup, Kind
from backups.protected import reason_to_skip
from backups.records import file_state
from backups.sources import name_of
from containers.annotations import Coverage
from containers.memory_folders import all_mounts
from engine import engine
from volumes.protected import OwnData


def coverage_of(inspect: dict[str, Any]) -> dict[str, Coverage]:
    """How each mount stands in the newest good backup of an inspected container, by destination.

    What can be said without looking into a volume; the Engine is asked as often whatever the
    number of mounts.
    """
    with engine() as docker:
        own = OwnData.of(docker)
    good = Backup.objects.filter(
        kind=Kind.CONTAINER, container_name=inspect["Name"].removeprefix("/"), verified=True
    ).order_by("-created", "-pk")
    newest = next((each for each in good.iterator() if file_state(each) == "present"), None)
    mounts = all_mounts(inspect)
    alone = saved_alone([name_of(mount) for mount in mounts if mount["Type"] == "volume"])
    return {
        mount["Destination"]: newer(coverage_in(newest, mount, own), alone.get(name_of(mount)))
        for mount in mounts
    }


def saved_alone(names: list[str]) -> dict[str, Backup]:
    """The newest good backup of each of these volumes that was made of it by itself."""
    good = Backup.objects.filter(kind=Kind.VOLUME, container_name__in=names, verified=True)
    found: dict[str, Backup] = {}
    for backup in good.order_by("-created", "-pk").iterator():
        if backup.container_name not in found and file_state(backup) == "present":
            found[backup.container_name] = backup
    return found


def newer(coverage: Coverage, alone: Backup | None) -> Coverage:
    """The coverage by the container's backup, or by that of the volume where it is newer."""
    if alone is None or (coverage.saved_at and coverage.saved_at >= alone.created):
        return coverage
    return Coverage(saved_at=alone.created, filename=alone.filename)


def coverage_in(newest: Backup | None, mount: dict[str, Any], own: OwnData) -> Coverage:
    """The coverage of one mount by the newest backup."""
    if newest and is_among(newest.metadata.get("volumes", []), mount):
        return Coverage(saved_at=newest.created, filename=newest.filename)
    if reason := reason_to_skip(mount, own, include_bind_mounts=True):
        return Coverage(reason=reason)
    if newest is None:
        return Coverage()
    left_out = newest.metadata.get("skipped", [])
    reasons = [item["reason"] for item in left_out if item["destination"] == mount["Destination"]]
    return Coverage(reason=reasons[0] if reasons else "It was mounted after the last backup.")


def is_among(saved: list[dict[str, Any]], mount: dict[str, Any]) -> bool:
    """Whether a mount's own volume or folder is one of those saved, mounted where it is now."""
    return any(
        each["name"] == name_of(mount) and mount["Destination"] in each["destination"].split(", ")
        for each in saved
    )

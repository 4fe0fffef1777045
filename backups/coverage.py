"""Which mounts of a container its newest backup covers."""

from typing import Any

from backups.models import Backup, Kind
from backups.protected import OwnData, reason_to_skip
from backups.records import file_state
from backups.sources import name_of
from containers.annotations import Coverage
from engine import engine


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
    return {
        mount["Destination"]: coverage_in(newest, mount, own)
        for mount in inspect.get("Mounts") or []
    }


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

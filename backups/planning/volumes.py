"""Where the content of volumes and folders goes."""

import secrets
from typing import Any

from backups.planning.ground import Ground
from backups.planning.plan import VolumePlan
from backups.sources import OwnData, reason_to_skip
from volumes.aside import Place, can_overwrite
from volumes.services import folder_state


def volume_plan(ground: Ground, source: dict[str, Any]) -> VolumePlan:
    """What happens with one volume or folder of the archive."""
    return folder_plan(ground, source) if source["type"] == "bind" else named_plan(ground, source)


def named_plan(ground: Ground, source: dict[str, Any]) -> VolumePlan:
    """What happens with a volume: made, overwritten, kept, or made beside the existing one."""
    name, overwrite = source["name"], ground.options.overwrite_volumes
    existing = ground.docker.find_volume(name)
    if existing is None:
        return VolumePlan(source, name, "create")
    if overwrite:
        check_overwriting(ground, source, existing["Mountpoint"])
        return VolumePlan(source, name, "overwrite", path=existing["Mountpoint"])
    if overwrite is None and ground.options.on_conflict == "rename":
        return VolumePlan(source, free_volume_name(ground, source), "create")
    if overwrite is None:
        undecided = VolumePlan(source, name, "open")
        message = f"{sentence_case(undecided.title)} exists. Is its content to be replaced or kept?"
        ground.conflict("volume", name, message, "overwrite_volumes")
        return undecided
    return VolumePlan(source, name, "keep")


def folder_plan(ground: Ground, source: dict[str, Any]) -> VolumePlan:
    """What happens with a folder of the host, or with a single file of it.

    The archive may come from anywhere, so its paths pass the same test as those that are read.
    """
    path, overwrite = source["name"], ground.options.overwrite_volumes
    keep = VolumePlan(source, path, "keep")
    mount, own = {"Type": "bind", "Source": path}, OwnData.of(ground.docker)
    if reason := reason_to_skip(mount, own, include_bind_mounts=True):
        ground.conflict("folder", path, f"{path} is not restored. {reason}")
        return keep
    state = folder_state(ground.docker, path, ground.job)
    if overwrite is False and state != "missing":
        return keep
    if source.get("file") or state in ("file", "socket"):
        message = (
            f"{path} is a single file of the host, which is not overwritten; its content in the "
            "backup can be taken out by hand."
        )
        ground.conflict("folder", path, message, "" if state == "missing" else "overwrite_volumes")
        return keep
    if state in ("missing", "empty"):
        return VolumePlan(source, path, "fill", path=path)
    if overwrite is None:
        message = f"The folder {path} is not empty. Is its content to be replaced or kept?"
        ground.conflict("folder", path, message, "overwrite_volumes")
        return VolumePlan(source, path, "open")
    check_overwriting(ground, source, path)
    return VolumePlan(source, path, "overwrite", path=path)


def sentence_case(text: str) -> str:
    return text[0].upper() + text[1:]


def check_overwriting(ground: Ground, source: dict[str, Any], path: str) -> None:
    """Find out whether what is to be overwritten is in use, and whether it can be done."""
    name = source["name"]
    for container in ground.containers:
        mounts = container.get("Mounts") or []
        uses = name in {mount.get("Name") or mount.get("Source") for mount in mounts}
        running = container["State"] in ("running", "paused", "restarting")
        if uses and running and container["Id"] not in ground.leaving:
            holder = container["Names"][0].removeprefix("/")
            message = f"{holder} is running and uses {name}; stop it before its data is replaced."
            ground.conflict("volume_in_use", name, message)
    if not can_overwrite(
        ground.docker, Place(source["type"], name, path, source["key"], ground.job)
    ):
        message = (
            f"The content of {name} cannot be replaced from here: its directory is out of reach "
            "and CONTAINERMONKEY_HELPER_IMAGE names no image on the host. Restoring into new "
            "volumes, or keeping the content, is possible."
        )
        ground.conflict("volume", name, message, "on_conflict")


def free_volume_name(ground: Ground, source: dict[str, Any]) -> str:
    """A name for a new volume beside the existing one."""
    if source.get("anonymous"):
        return secrets.token_hex(32)
    name, number = f"{source['name']}-restored", 1
    while ground.docker.find_volume(name):
        number += 1
        name = f"{source['name']}-restored-{number}"
    return name

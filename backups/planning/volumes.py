"""Where the content of volumes goes."""

import secrets
from dataclasses import replace
from typing import Any

from backups.planning.folders import state_of
from backups.planning.ground import Ground
from backups.planning.ourselves import keep_volume_out
from backups.planning.overwriting import can_be_filled, check_overwriting
from backups.planning.plan import VolumePlan
from volumes.protected import bound_folder


def volume_plan(ground: Ground, source: dict[str, Any]) -> VolumePlan:
    """What happens with a volume: made, overwritten, kept, or made beside the existing one."""
    name, overwrite = source["name"], ground.options.overwrite_volumes
    existing = ground.docker.find_volume(name)
    if existing is None:
        return new_volume_plan(ground, source)
    if name in ground.own.volumes:
        ground.conflict("volume", name, f"The volume {name} holds this program's own data.")
        return VolumePlan(source, name, "keep")
    if overwrite is False:
        return VolumePlan(source, name, "keep")
    if overwrite:
        folder = bound_folder(existing)
        path = folder or existing["Mountpoint"]
        check_overwriting(ground, source, path, folder=folder)
        return VolumePlan(source, name, "overwrite", path=path)
    message = f"The volume {name} exists. Is its content to be replaced or kept?"
    if ground.options.on_conflict == "rename":
        place = place_elsewhere(source.get("volume") or {})
        if not place:
            return VolumePlan(source, free_volume_name(ground, source), "create", new=True)
        message = (
            f"The volume {name} exists and stands for {place}. Another volume beside it would "
            "hold the same data; is that to be replaced or kept?"
        )
    ground.conflict("volume", name, message, "overwrite_volumes")
    return VolumePlan(source, name, "open")


def place_elsewhere(volume: dict[str, Any]) -> str:
    """The folder, disk or share that a volume stands for; empty where it has a place of its own."""
    options = volume.get("Options") or {}
    return "" if options.get("type") == "tmpfs" else options.get("device") or ""


def new_volume_plan(ground: Ground, source: dict[str, Any]) -> VolumePlan:
    """What happens with a volume that has to be made.

    One that stands for a folder of the host has the content of that from its beginning.
    """
    name, folder = source["name"], bound_folder(source.get("volume") or {})
    plan = VolumePlan(source, name, "create", new=True)
    if folder is None:
        keep_volume_out(ground, source.get("volume") or {})
        return plan
    state = state_of(ground, folder)
    if state == "empty":
        reached = can_be_filled(ground, folder, source["key"])
        return replace(plan, act="overwrite", path=folder) if reached else plan
    if state == "filled":
        return filled_folder_plan(ground, replace(plan, path=folder))
    if state:
        message = f"The volume {name} stands for {folder}, and no such folder is there."
        ground.conflict("folder", folder, message)
    return replace(plan, act="keep")


def filled_folder_plan(ground: Ground, plan: VolumePlan) -> VolumePlan:
    """What happens with a new volume that stands for a folder in which something is."""
    overwrite, folder = ground.options.overwrite_volumes, plan.path
    if overwrite is None:
        message = (
            f"The volume {plan.name} stands for the folder {folder}, which is not empty. Is its "
            "content to be replaced or kept?"
        )
        ground.conflict("folder", folder, message, "overwrite_volumes")
        return replace(plan, act="open")
    if overwrite:
        # The volume is not there yet; its folder is.
        as_folder = plan.source | {"type": "bind", "name": folder}
        check_overwriting(ground, as_folder, folder, folder=folder)
    return replace(plan, act="overwrite" if overwrite else "keep")


def empty_volume_plans(ground: Ground) -> list[VolumePlan]:
    """The volumes that have to be made again and whose content is not in the backup.

    Otherwise the Engine would make them with the container, without driver, options and labels.
    """
    plans = []
    for item in ground.manifest.get("skipped") or []:
        volume = item.get("volume") if item["type"] == "volume" else None
        if volume and ground.docker.find_volume(item["name"]) is None:
            keep_volume_out(ground, volume)
            source = item | {"key": "", "destinations": [item["destination"]]}
            plans.append(VolumePlan(source, item["name"], "leave", new=True))
    return plans


def free_volume_name(ground: Ground, source: dict[str, Any]) -> str:
    """A name for a new volume beside the existing one."""
    if source.get("anonymous"):
        return secrets.token_hex(32)
    name, number = f"{source['name']}-restored", 1
    while ground.docker.find_volume(name):
        number += 1
        name = f"{source['name']}-restored-{number}"
    return name

"""Where the content of bind mounts goes."""

from typing import Any

from backups.planning.ground import Ground
from backups.planning.overwriting import can_be_filled, check_overwriting
from backups.planning.plan import VolumePlan
from volumes.protected import OWN, leads_to_own_data, reason_of_path
from volumes.services import FolderState, folder_state


def folder_plan(ground: Ground, source: dict[str, Any]) -> VolumePlan:
    """What happens with a folder of the host, or with a single file of it."""
    path, overwrite = source["name"], ground.options.overwrite_volumes
    keep = VolumePlan(source, path, "keep")
    state = state_of(ground, path)
    if state is None or (overwrite is False and state != "missing"):
        return keep
    if source.get("file") or state in ("file", "socket"):
        message = (
            f"{path} is a single file of the host, which is not overwritten; its content in the "
            "backup can be taken out by hand."
        )
        ground.conflict("folder", path, message, "" if state == "missing" else "overwrite_volumes")
        return keep
    if state == "filled" and overwrite is None:
        message = f"The folder {path} is not empty. Is its content to be replaced or kept?"
        ground.conflict("folder", path, message, "overwrite_volumes")
        return VolumePlan(source, path, "open")
    if state == "filled":
        check_overwriting(ground, source, path, folder=path)
        return VolumePlan(source, path, "overwrite", path=path)
    if not can_be_filled(ground, path, source["key"]):
        message = (
            f"The folder {path} cannot be filled from here: it is out of reach and "
            "CONTAINERMONKEY_HELPER_IMAGE names no image on the host."
        )
        ground.conflict("folder", path, message, "" if state == "missing" else "overwrite_volumes")
    return VolumePlan(source, path, "fill", path=path)


def state_of(ground: Ground, path: str) -> FolderState | None:
    """What is at a path of the host; None, with a conflict, where nothing may be restored.

    The archive may come from anywhere, so its paths pass the same tests as those that are read.
    """
    if not path.startswith("/"):
        ground.conflict("folder", path, f"{path} is not a folder of the host.")
        return None
    reason, state = reason_of_path(path, ground.own), None
    if reason is None:
        state = folder_state(ground.docker, path, ground.job)
        is_folder = state in ("empty", "filled")
        if is_folder and leads_to_own_data(ground.docker, path, ground.own, ground.job):
            reason = OWN
    if reason:
        ground.conflict("folder", path, f"{path} is not restored. {reason}")
        return None
    return state

"""Which mounts are never read into a backup."""

from typing import Any

from volumes.protected import OwnData, bound_folder, reason_of_path


def reason_to_skip(
    mount: dict[str, Any],
    own: OwnData,
    *,
    include_bind_mounts: bool,
    volume: dict[str, Any] | None = None,
) -> str | None:
    """Why a mount is left out of a backup, as a sentence; None where it is saved.

    `volume` is the Engine's answer about a mounted volume: one of the `local` driver can be
    another name for any folder of the host.
    """
    kind = mount["Type"]
    if kind == "volume":
        if mount["Name"] in own.volumes:
            return "It is Container Monkey's own data."
        folder = bound_folder(volume or {})
        return reason_of_path(folder, own) if folder else None
    if kind == "tmpfs":
        return "It is held in memory and is empty at every start."
    if kind != "bind":
        return f"A mount of the type {kind} has no content that could be read."
    return reason_of_path(mount["Source"], own) or (
        None if include_bind_mounts else "Bind mounts were not asked for."
    )

"""What of this program a restored container would get: its data, its processes, its mark.

An archive may come from anywhere, and what is in it need not be what a container ever had. So the
body that the Engine would get is looked at, and not what the archive says of its sources.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from backups.planning.ground import Ground
from containers.acts import container_if_there
from containers.changes import container_mode, understood
from engine import identity
from engine.names import shortened
from volumes.protected import OWN, host_folders

MODES = ("NetworkMode", "IpcMode", "PidMode", "Cgroup")


def keep_ourselves_out(ground: Ground, body: Mapping[str, Any]) -> None:
    """Name a conflict for everything of ours that the container of a body would reach.

    Raise Invalid where the body is not what an Engine could take.
    """
    with understood():
        sources, others = [*mounted(body["HostConfig"])], [*borrowed(body["HostConfig"])]
    for label in identity.OWN_LABELS:
        if label in (body.get("Labels") or {}):
            message = f"It has the label {label}, by which Container Monkey knows its own."
            ground.conflict("container", label, message)
    known = {conflict.name for conflict in ground.conflicts}
    for source in dict.fromkeys(sources):
        if source not in known and (reason := ground.own.reason_against_mount(source)):
            kind = "folder" if source.startswith("/") else "volume"
            ground.conflict(kind, source, f"It would get {shortened(source)}. {reason}")
    for reference in dict.fromkeys(others):
        found = container_if_there(reference)
        if found and identity.is_program(found["Id"], found["Config"].get("Labels")):
            message = f"It would share what {shortened(reference)}, Container Monkey itself, has."
            ground.conflict("container", reference, message)


def mounted(host: Mapping[str, Any]) -> Iterator[str]:
    """The volumes and folders that a container gets, in both of the Engine's ways to say so."""
    yield from (bind.partition(":")[0] for bind in host.get("Binds") or [])
    for mount in host.get("Mounts") or []:
        yield mount.get("Source") or ""
        driver = (mount.get("VolumeOptions") or {}).get("DriverConfig") or {}
        yield from host_folders({"Driver": driver.get("Name"), "Options": driver.get("Options")})


def borrowed(host: Mapping[str, Any]) -> Iterator[str]:
    """The containers whose volumes, network or processes it gets."""
    yield from (text.partition(":")[0] for text in host.get("VolumesFrom") or [])
    yield from (other for mode in MODES if (other := container_mode(host.get(mode))))


def keep_volume_out(ground: Ground, volume: Mapping[str, Any]) -> None:
    """Name a conflict where a volume that is made again would show our own data."""
    with understood():
        folders = host_folders(dict(volume))
    for folder in folders:
        if ground.own.reason_against_mount(folder):
            ground.conflict("folder", folder, f"{folder} is not restored. {OWN}")

"""The mounts of a container that is made again: the same data in the same places.

A volume without a name of its own would come back empty, and other containers' mounts may be
gone. `Mounts` of an inspect says what is really mounted, so both are asked for by name.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from containers.changes import Changes, moved_container


def with_same_mounts(
    host: dict[str, Any], inspect: Mapping[str, Any], changes: Changes
) -> dict[str, Any]:
    """`HostConfig` with every volume named.

    Named volumes and bind mounts stay as they are written, with their modes, propagation and
    options. Anonymous volumes, wherever they were asked for, are mounted by the name that they
    were given. `VolumesFrom` is kept where the other container is still there; for one that is
    gone its mounts are written out. All without copying from the image: what an emptied volume
    holds is nothing, and is to stay nothing.
    """
    mounted = {place(mount["Destination"]): mount for mount in inspect.get("Mounts") or []}
    binds, to_name = named_binds(host.get("Binds") or [], changes)
    mounts = [named_mount(mount, mounted, changes) for mount in host.get("Mounts") or []]
    sources, gone = kept_sources(host.get("VolumesFrom") or [], changes)
    written = to_places(binds) | {place(mount["Target"]) for mount in mounts}
    anonymous = to_name | {place(path) for path in inspect["Config"].get("Volumes") or {}}
    for destination, mount in mounted.items():
        if destination in written or mount["Type"] not in ("volume", "bind"):
            continue
        renamed = mount.get("Name") in changes.volume_names
        inherited = bool(host.get("VolumesFrom")) and (gone or renamed)
        if inherited or (destination in anonymous and mount["Type"] == "volume"):
            mounts.append(explicit(mount, changes))
    replaced: dict[str, Any] = {"Binds": binds, "Mounts": mounts, "VolumesFrom": sources}
    return {
        **host,
        **{field: value for field, value in replaced.items() if value or host.get(field)},
    }


def place(path: str) -> str:
    """A path in the container as the Engine compares it."""
    return str(PurePosixPath(path))


def to_places(binds: list[str]) -> set[str]:
    """The destinations of entries of `Binds`."""
    return {place(bind.split(":")[1]) for bind in binds}


def named_binds(binds: list[str], changes: Changes) -> tuple[list[str], set[str]]:
    """`Binds` with volumes under their new names, and the places of those without a name."""
    named, nameless = [], set()
    for bind in binds:
        source, colon, rest = bind.partition(":")
        if not colon:
            nameless.add(place(bind))
        elif source.startswith("/"):
            named.append(bind)
        else:
            named.append(f"{changes.volume_names.get(source, source)}:{rest}")
    return named, nameless


def named_mount(
    mount: Mapping[str, Any], mounted: Mapping[str, Mapping[str, Any]], changes: Changes
) -> dict[str, Any]:
    """An entry of `HostConfig.Mounts` that names its volume."""
    if mount["Type"] != "volume":
        return dict(mount)
    source = mount.get("Source") or ""
    if source:
        return {**mount, "Source": changes.volume_names.get(source, source)}
    name = mounted.get(place(mount["Target"]), {}).get("Name")
    if not name:
        return dict(mount)
    options = (mount.get("VolumeOptions") or {}) | {"NoCopy": True}
    return {
        **mount,
        "Source": changes.volume_names.get(name, name),
        "VolumeOptions": options,
    }


def kept_sources(volumes_from: list[str], changes: Changes) -> tuple[list[str], bool]:
    """`VolumesFrom` with the names that its containers have now, and whether one is gone."""
    kept, gone = [], False
    for text in volumes_from:
        reference, colon, mode = text.partition(":")
        name = moved_container(reference, changes)
        if name is None:
            gone = True
        else:
            kept.append(f"{name}{colon}{mode}")
    return kept, gone


def explicit(mount: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """What is mounted somewhere, as an entry of `HostConfig.Mounts`."""
    written: dict[str, Any] = {
        "Type": mount["Type"],
        "Source": mount["Source"],
        "Target": mount["Destination"],
    }
    if not mount.get("RW", True):
        written["ReadOnly"] = True
    if mount["Type"] == "volume":
        written["Source"] = changes.volume_names.get(mount["Name"], mount["Name"])
        written["VolumeOptions"] = {"NoCopy": True}
    elif mount.get("Propagation"):
        written["BindOptions"] = {"Propagation": mount["Propagation"]}
    return written

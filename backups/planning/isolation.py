"""A saved container as it is made for a rehearsal: with nothing of the host, and with nobody else.

Where a restore takes everything over and names what it changes, this takes nothing over but what
is listed here: an archive may come from anywhere, and whatever an Engine of tomorrow may grant a
container is not to reach the host from a rehearsal.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from containers.changes import CONTAINER, Changes
from containers.create_body import create_body, hostname
from engine.identity import JOB_LABEL

KEPT = (
    *("BlkioWeight", "CapDrop", "CpuPeriod", "CpuQuota", "CpuShares", "CpusetCpus", "CpusetMems"),
    *("ExtraHosts", "GroupAdd", "Init", "Memory", "MemoryReservation", "MemorySwap"),
    *("MemorySwappiness", "NanoCpus", "PidsLimit", "ReadonlyRootfs", "Runtime", "ShmSize"),
    *("StorageOpt", "Sysctls", "Tmpfs", "Ulimits"),
)
"""What of `HostConfig` limits a container or concerns its own inside alone."""

HARMLESS_CAPABILITIES = {
    *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "IPC_LOCK", "KILL", "LEASE"),
    *("MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "SETFCAP", "SETGID"),
    *("SETPCAP", "SETUID", "SYS_CHROOT", "SYS_NICE", "SYS_PTRACE"),
}
"""Those of the Engine's default, and those that end where the container's own namespaces do."""

HARMLESS_OPTIONS = ("no-new-privileges", "no-new-privileges:true", "no-new-privileges=true")

LOG = {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "1"}}
"""Another log driver would send what the container writes elsewhere."""

NOWHERE = ["127.0.0.1"]
"""Its name server: some Engines ask the host's for a container that has no way out."""


def isolated_body(
    inspect: dict[str, Any],
    mounts: list[dict[str, Any]],
    *,
    image: str,
    network: str | None,
    job: str,
    writable: bool,
) -> dict[str, Any]:
    """The body of `POST /containers/create` for a rehearsal.

    `mounts` are all it has but for memory; `network` is the one that it is on, None for none at
    all. Of its labels nothing stays, so that no other program takes it for one of its own.
    """
    saved = inspect["HostConfig"]
    host = {field: saved[field] for field in KEPT if saved.get(field) is not None}
    host |= {
        "CapAdd": [name for name in saved.get("CapAdd") or [] if is_harmless(name)],
        "SecurityOpt": [one for one in saved.get("SecurityOpt") or [] if one in HARMLESS_OPTIONS],
        "LogConfig": LOG,
        "Dns": NOWHERE,
        "Mounts": [*mounts, *in_memory(saved)],
        "NetworkMode": network or "none",
        "RestartPolicy": {"Name": "no"},
    }
    if writable:
        host["ReadonlyRootfs"] = False
    alone = inspect | {
        "Config": inspect["Config"] | {"Labels": {JOB_LABEL: job}, "Volumes": None},
        "HostConfig": host,
        "Mounts": [],
        "NetworkSettings": {"Networks": {network: {}} if network else {}},
    }
    return create_body(alone, changes=Changes(image=image, hostname=hostname(inspect, Changes())))


def is_harmless(capability: str) -> bool:
    return capability.upper().removeprefix("CAP_") in HARMLESS_CAPABILITIES


def in_memory(host: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The mounts that are kept in memory; the older form, `Tmpfs`, is a field of its own."""
    return (mount for mount in host.get("Mounts") or [] if mount["Type"] == "tmpfs")


def aliases_of(inspect: dict[str, Any], name: str) -> list[str]:
    """All that the container may call itself on its networks."""
    networks = (inspect.get("NetworkSettings") or {}).get("Networks") or {}
    found = [name]
    for endpoint in networks.values():
        found += (endpoint or {}).get("Aliases") or []
    return [alias for alias in dict.fromkeys(found) if alias != inspect["Id"][:12]]


def is_without_network(inspect: dict[str, Any]) -> bool:
    return inspect["HostConfig"].get("NetworkMode") == "none"


def left_out(inspect: dict[str, Any]) -> list[str]:
    """What a rehearsal does without that the container has, each as a sentence."""
    return [*namespaces_left_out(inspect["HostConfig"]), *rights_left_out(inspect["HostConfig"])]


def namespaces_left_out(host: dict[str, Any]) -> Iterator[str]:
    """What it shares with the host or with other containers."""
    mode = host.get("NetworkMode") or ""
    if mode == "host":
        yield "It uses the host's network; here it has one of its own."
    elif mode.startswith(CONTAINER):
        yield "It uses the network of another container; here it has one of its own."
    if shared := list(shared_namespaces(host)):
        yield f"It shares with others, and here does not: {', '.join(shared)}."
    if host.get("Links"):
        yield "The containers that it is linked to are not there."
    if any((host.get("PortBindings") or {}).values()) or host.get("PublishAllPorts"):
        yield "Its ports are not published."


def shared_namespaces(host: dict[str, Any]) -> Iterator[str]:
    words = {"PidMode": "processes", "IpcMode": "memory", "UTSMode": "the host's name"}
    for field, word in words.items():
        mode = host.get(field) or ""
        if mode == "host" or mode.startswith(CONTAINER):
            yield word


def rights_left_out(host: dict[str, Any]) -> Iterator[str]:
    """What it may do to the host."""
    if host.get("Privileged"):
        yield "It is privileged; here it is not."
    if any(host.get(field) for field in ("Devices", "DeviceRequests", "DeviceCgroupRules")):
        yield "The host's devices are not given to it."
    if lost := [name for name in host.get("CapAdd") or [] if not is_harmless(name)]:
        yield f"It goes without the capabilities {', '.join(lost)}."
    if any(option not in HARMLESS_OPTIONS for option in host.get("SecurityOpt") or []):
        yield "Its own security profile is replaced by the Engine's."


def throw_away_mounts(
    inspect: dict[str, Any], source: dict[str, Any], volume: str
) -> Iterable[dict[str, Any]]:
    """A throw-away volume, mounted wherever the container has a volume or folder."""
    saved = {mount["Destination"]: mount for mount in inspect.get("Mounts") or []}
    asked = {mount["Target"]: mount for mount in inspect["HostConfig"].get("Mounts") or []}
    for destination in source["destinations"]:
        # What an empty volume holds is nothing, and is to stay nothing.
        options: dict[str, Any] = {"NoCopy": True}
        chosen = asked.get(destination, {}).get("VolumeOptions") or {}
        if chosen.get("Subpath"):
            options["Subpath"] = chosen["Subpath"]
        yield {
            "Type": "volume",
            "Source": volume,
            "Target": destination,
            "ReadOnly": not saved.get(destination, {}).get("RW", True),
            "VolumeOptions": options,
        }

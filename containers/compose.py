"""A container as a compose file, for people who bring it back without this program."""

from collections.abc import Iterable, Mapping
from typing import Any

from containers import compose_parts as parts
from containers.changes import container_mode, understood
from containers.compose_yaml import dump
from containers.create_body import create_body
from containers.endpoints import DEFAULT_NETWORK, WITHOUT_ENDPOINTS, endpoints
from containers.image_defaults import without_image_defaults
from containers.mapping import name_in
from engine.times import NANOSECONDS

FROM_CONFIG = {
    "User": "user",
    "WorkingDir": "working_dir",
    "Hostname": "hostname",
    "Domainname": "domainname",
    "Entrypoint": "entrypoint",
    "Cmd": "command",
    "Env": "environment",
    "Tty": "tty",
    "OpenStdin": "stdin_open",
    "StopSignal": "stop_signal",
}

FROM_HOST_CONFIG = {
    "Annotations": "annotations",
    "CapAdd": "cap_add",
    "CapDrop": "cap_drop",
    "CgroupParent": "cgroup_parent",
    "CgroupnsMode": "cgroup",
    "CpuCount": "cpu_count",
    "CpuPercent": "cpu_percent",
    "CpuPeriod": "cpu_period",
    "CpuQuota": "cpu_quota",
    "CpuRealtimePeriod": "cpu_rt_period",
    "CpuRealtimeRuntime": "cpu_rt_runtime",
    "CpuShares": "cpu_shares",
    "CpusetCpus": "cpuset",
    "DeviceCgroupRules": "device_cgroup_rules",
    "Dns": "dns",
    "DnsOptions": "dns_opt",
    "DnsSearch": "dns_search",
    "ExtraHosts": "extra_hosts",
    "GroupAdd": "group_add",
    "Init": "init",
    "IpcMode": "ipc",
    "Isolation": "isolation",
    "Memory": "mem_limit",
    "MemoryReservation": "mem_reservation",
    "MemorySwap": "memswap_limit",
    "MemorySwappiness": "mem_swappiness",
    "OomKillDisable": "oom_kill_disable",
    "OomScoreAdj": "oom_score_adj",
    "PidMode": "pid",
    "PidsLimit": "pids_limit",
    "Privileged": "privileged",
    "ReadonlyRootfs": "read_only",
    "Runtime": "runtime",
    "SecurityOpt": "security_opt",
    "ShmSize": "shm_size",
    "StorageOpt": "storage_opt",
    "Sysctls": "sysctls",
    "UTSMode": "uts",
    "UsernsMode": "userns_mode",
}

DEFAULTS = {
    "CgroupnsMode": ("host", "private"),
    "IpcMode": ("private", "shareable"),
    "Isolation": ("default",),
    "Runtime": ("runc",),
    "ShmSize": (64 * 1024 * 1024,),
}
"""What Engines fill in themselves, and what another Engine is left to fill in."""


def compose_yaml(
    inspect: Mapping[str, Any],
    networks: Iterable[Mapping[str, Any]],
    image_config: Mapping[str, Any] | None,
    volumes: Iterable[Mapping[str, Any]] = (),
) -> str:
    """The inspected container as a compose file.

    `networks` are the inspects of its networks, `volumes` those of its volumes. What comes from
    the image is left out where the image's `Config` is given.
    """
    body = without_image_defaults(create_body(inspect), image_config)
    with understood():
        name = name_in(inspect)
        service = service_of(body, name)
        joined = {n: e for n, e in endpoints(inspect).items() if n != DEFAULT_NETWORK}
        document: dict[str, Any] = {"services": {name: service}}
        if joined:
            service.pop("network_mode", None)
            service["networks"] = {n: parts.attachment(e) or None for n, e in joined.items()}
            known = {network["Name"]: network for network in networks}
            document["networks"] = {
                n: parts.network_definition(known.get(n, {"Name": n})) for n in joined
            }
        used = parts.volume_definitions(service.get("volumes", []), volumes)
        if used:
            document["volumes"] = used
        return dump(document)


def service_of(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The service, but for its networks."""
    host = body["HostConfig"]
    service = {"image": body["Image"], "container_name": name}
    service |= {key: body[field] for field, key in FROM_CONFIG.items() if body.get(field)}
    service |= {
        "labels": parts.without_compose(body.get("Labels")),
        "healthcheck": parts.healthcheck(body.get("Healthcheck")),
        "restart": parts.restart(host.get("RestartPolicy")),
        "network_mode": network_mode(host.get("NetworkMode")),
        "ports": parts.ports(host.get("PortBindings")),
        "expose": parts.expose(body.get("ExposedPorts"), host.get("PortBindings")),
        "volumes": parts.volumes(host),
        "volumes_from": [f"container:{text}" for text in host.get("VolumesFrom") or []],
        "external_links": host.get("Links"),
        "tmpfs": [
            f"{path}:{how}" if how else path for path, how in (host.get("Tmpfs") or {}).items()
        ],
    }
    if body.get("MacAddress"):
        service["mac_address"] = body["MacAddress"]
    if (seconds := body.get("StopTimeout")) is not None:
        service["stop_grace_period"] = f"{seconds}s"
    return parts.present(service | limits(host))


def network_mode(mode: str | None) -> str | None:
    """The mode, where it is not simply the networks that the service lists."""
    mode = mode or ""
    if mode in ("", "default"):
        return DEFAULT_NETWORK
    kept = {DEFAULT_NETWORK, *WITHOUT_ENDPOINTS}
    return mode if mode in kept or container_mode(mode) else None


def limits(host: Mapping[str, Any]) -> dict[str, Any]:
    """What the container may do and use."""
    plain = {
        key: host[field]
        for field, key in FROM_HOST_CONFIG.items()
        if says_something(field, host.get(field))
    }
    log = host.get("LogConfig") or {}
    devices = [
        f"{each['PathOnHost']}:{each['PathInContainer']}:{each['CgroupPermissions']}"
        for each in host.get("Devices") or []
    ]
    ulimits = {
        each["Name"]: {"soft": each["Soft"], "hard": each["Hard"]}
        for each in host.get("Ulimits") or []
    }
    return plain | {
        "cpus": host["NanoCpus"] / NANOSECONDS if host.get("NanoCpus") else None,
        "devices": devices,
        "ulimits": ulimits,
        "logging": parts.present({"driver": log.get("Type"), "options": log.get("Config")}),
        "blkio_config": parts.blkio(host),
        "deploy": parts.deploy(host.get("DeviceRequests")),
    }


def says_something(field: str, value: Any) -> bool:
    """Whether a setting differs from leaving it out."""
    if field in ("Init", "MemorySwappiness"):
        return value is not None
    return bool(value) and value not in DEFAULTS.get(field, ())

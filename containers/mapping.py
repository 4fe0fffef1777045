"""From the Engine's JSON to our dataclasses.

`of_row` runs once for every container of the host at each look at the list, so it does nothing
that the list does not show. What is a secret is hidden here from those who may not read it.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from accounts.masks import visible_document, visible_pairs, visible_value, visible_words
from containers.labels import stack_of
from containers.memory_folders import folders_in_memory
from containers.types import (
    Container,
    ContainerDetails,
    Endpoint,
    Healthcheck,
    HostPort,
    Mount,
    Port,
    Resources,
    RestartPolicy,
    Variable,
)
from engine.times import NANOSECONDS

HEALTH = re.compile(r"\((healthy|unhealthy|health: starting)\)$")
SHORT = 12


def of_row(row: dict[str, Any]) -> Container:
    """A container from its entry in the answer of `GET /containers/json`."""
    return Container(**members_of(row))


def members_of(row: dict[str, Any]) -> dict[str, Any]:
    """The members of `Container` from an entry of the list."""
    addresses = addresses_of(row)
    labels = row["Labels"] or {}
    status_text = row["Status"]
    return {
        "id": row["Id"],
        "short_id": row["Id"][:SHORT],
        "name": name_of(row),
        "image": row["Image"],
        "image_id": row["ImageID"],
        "status": row["State"],
        "status_text": status_text,
        "health": health_of(status_text),
        "ports": ports_of(row["Ports"] or []),
        "ip_address": next(iter(addresses.values()), None),
        "ip_addresses": addresses,
        "created": datetime.fromtimestamp(row["Created"], UTC),
        "mounts": [mount_of(mount) for mount in row["Mounts"] or []],
        "labels": visible_pairs(labels),
        "stack": stack_of(labels),
    }


def name_of(row: dict[str, Any]) -> str:
    """The own name of a container, from its entry in the list.

    Links of others add `/other/alias` there, and a dead one may have none.
    """
    for name in row["Names"] or []:
        if name.count("/") == 1:
            return name[1:]
    return row["Id"][:SHORT]


def name_in(inspect: Mapping[str, Any]) -> str:
    """The name of an inspected container."""
    return str(inspect["Name"]).removeprefix("/")


def health_of(status_text: str) -> str | None:
    """The list tells of health only in the words of `Up 3 hours (healthy)`."""
    if not status_text.endswith(")"):
        return None
    found = HEALTH.search(status_text)
    return found[1].removeprefix("health: ") if found else None


def ports_of(rows: list[dict[str, Any]]) -> list[Port]:
    """Each port once; what is published on IPv4 and IPv6 comes twice, told apart by `host_ip`."""
    found = {
        (row["PrivatePort"], row["Type"], row.get("PublicPort") or 0, row.get("IP") or "")
        for row in rows
    }
    return [
        Port(host_ip or None, host_port or None, container_port, protocol)
        for container_port, protocol, host_port, host_ip in sorted(found)
    ]


def addresses_of(row: dict[str, Any]) -> dict[str, str]:
    """The address in each network that gave one."""
    networks = (row.get("NetworkSettings") or {}).get("Networks") or {}
    addresses = {}
    for name, endpoint in networks.items():
        address = endpoint["IPAddress"] or endpoint["GlobalIPv6Address"]
        if address:
            addresses[name] = address
    return addresses


def mount_of(mount: dict[str, Any]) -> Mount:
    return Mount(
        mount["Type"],
        mount.get("Name") or None,
        mount.get("Source", ""),
        mount["Destination"],
        not mount["RW"],
    )


def details_of(row: dict[str, Any], inspect: dict[str, Any]) -> ContainerDetails:
    """The details from an entry of the list and an inspect of the same container."""
    config, host = inspect["Config"], inspect["HostConfig"]
    policy = host.get("RestartPolicy") or {}
    networks = inspect["NetworkSettings"].get("Networks") or {}
    members = members_of(row)
    members["mounts"] += [mount_of(mount) for mount in folders_in_memory(inspect)]
    entrypoint = config.get("Entrypoint") or []
    return ContainerDetails(
        **members,
        environment=[variable_of(text) for text in config.get("Env") or []],
        port_mappings=port_mappings_of(inspect),
        command=visible_words(config.get("Cmd") or [], entrypoint),
        entrypoint=visible_words(entrypoint),
        working_dir=config.get("WorkingDir") or "",
        user=config.get("User") or "",
        hostname=config.get("Hostname") or "",
        restart_policy=RestartPolicy(
            policy.get("Name") or "no", policy.get("MaximumRetryCount") or 0
        ),
        networks=[endpoint_of(name, endpoint) for name, endpoint in networks.items()],
        healthcheck=healthcheck_of(config.get("Healthcheck")),
        resources=resources_of(host),
        inspect=visible_document(inspect),
    )


def variable_of(text: str) -> Variable:
    key, _, value = text.partition("=")
    return Variable(key, visible_value(value))


def port_mappings_of(inspect: dict[str, Any]) -> dict[str, list[HostPort]]:
    """Where ports are published: as it is while the container runs, else as it is configured."""
    actual = inspect["NetworkSettings"].get("Ports") or {}
    configured = inspect["HostConfig"].get("PortBindings") or {}
    ports = [*configured, *(port for port in actual if actual[port] and port not in configured)]
    return {
        port: [host_port_of(binding) for binding in actual.get(port) or configured.get(port) or []]
        for port in ports
    }


def host_port_of(binding: dict[str, str]) -> HostPort:
    """A configured port may be a range as text; what is not one number is still to be chosen."""
    port = binding.get("HostPort") or ""
    return HostPort(binding.get("HostIp") or None, int(port) if port.isdecimal() else None)


def endpoint_of(name: str, endpoint: dict[str, Any]) -> Endpoint:
    return Endpoint(
        name,
        endpoint.get("NetworkID") or None,
        endpoint.get("IPAddress") or None,
        endpoint.get("GlobalIPv6Address") or None,
        endpoint.get("Gateway") or None,
        endpoint.get("MacAddress") or None,
        endpoint.get("Aliases") or [],
    )


def healthcheck_of(check: dict[str, Any] | None) -> Healthcheck | None:
    """The healthcheck, None where there is none or it is switched off."""
    if not check or not check.get("Test") or check["Test"] == ["NONE"]:
        return None
    return Healthcheck(
        visible_words(check["Test"]),
        seconds(check.get("Interval")),
        seconds(check.get("Timeout")),
        seconds(check.get("StartPeriod")),
        check.get("Retries") or None,
    )


def seconds(nanoseconds: int | None) -> float | None:
    return nanoseconds / NANOSECONDS if nanoseconds else None


def resources_of(host: dict[str, Any]) -> Resources:
    """The limits; CPUs come as billionths, or as a quota of a period."""
    cpus = None
    if host.get("NanoCpus"):
        cpus = host["NanoCpus"] / NANOSECONDS
    elif (host.get("CpuQuota") or 0) > 0:
        cpus = host["CpuQuota"] / (host.get("CpuPeriod") or 100_000)
    return Resources(
        cpus,
        limit(host.get("CpuShares")),
        host.get("CpusetCpus") or None,
        limit(host.get("Memory")),
        limit(host.get("MemoryReservation")),
        limit(host.get("MemorySwap")),
        limit(host.get("PidsLimit")),
    )


def limit(value: int | None) -> int | None:
    """A limit; 0 and -1 both mean that there is none."""
    return value if value and value > 0 else None

"""Networks as they were, made again."""

from typing import Any

from engine import Docker

BUILT_IN = ("bridge", "host", "none")
"""The networks that every Engine has."""

CREATE_FIELDS = (
    "Driver",
    "EnableIPv4",
    "EnableIPv6",
    "Internal",
    "Attachable",
    "Ingress",
    "Scope",
    "ConfigOnly",
    "ConfigFrom",
    "Options",
    "Labels",
)


FORBIDDEN_TO_CONFIG_ONLY = ("Internal", "Attachable", "Ingress", "Scope")
"""What the Engine refuses of a network that is only a configuration for others."""

FROM_CONFIGURATION = ("EnableIPv4", "EnableIPv6", "Options", "Labels")
"""What a network takes from such a one, beside its subnets; the Engine refuses to hear it again."""


def create_body(inspect: dict[str, Any], name: str = "") -> dict[str, Any]:
    """The body of `POST /networks/create` that makes the inspected network again.

    Driver, subnets, gateways, options, labels and flags as they were; what the Engine made up
    (the id, the moment, who is on it) is left out.
    """
    body = {field: inspect[field] for field in CREATE_FIELDS if inspect.get(field) is not None}
    body["IPAM"] = ipam_of(inspect.get("IPAM") or {})
    if (inspect.get("ConfigFrom") or {}).get("Network"):
        body = without(body, FROM_CONFIGURATION) | {"IPAM": ipam_of({})}
    else:
        body.pop("ConfigFrom", None)
    if inspect.get("ConfigOnly"):
        body = without(body, FORBIDDEN_TO_CONFIG_ONLY)
    return body | {"Name": name or inspect["Name"], "CheckDuplicate": True}


def without(body: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {field: value for field, value in body.items() if field not in fields}


def ipam_of(ipam: dict[str, Any]) -> dict[str, Any]:
    """How addresses are given, with every subnet as it was chosen."""
    return {
        "Driver": ipam.get("Driver") or "default",
        "Options": ipam.get("Options"),
        "Config": [chosen(pool) for pool in ipam.get("Config") or []],
    }


def chosen(pool: dict[str, Any]) -> dict[str, Any]:
    """A subnet as it was chosen; newer Engines add a `Status` and empty members to it, older ones
    write the gateway that they chose for IPv6 as `fd00::1/64`, and do not read that."""
    found = {name: value for name, value in pool.items() if value and name != "Status"}
    if "Gateway" in found:
        found["Gateway"] = found["Gateway"].partition("/")[0]
    return found


def network_named(docker: Docker, name: str) -> dict[str, Any] | None:
    """The inspect of the network that has exactly this name, or None.

    Asked by name, the Engine also takes it for the beginning of an id.
    """
    for network in docker.networks():
        if network["Name"] == name:
            return docker.find_network(network["Id"])
    return None

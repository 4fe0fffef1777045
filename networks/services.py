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


def create_body(inspect: dict[str, Any], name: str = "") -> dict[str, Any]:
    """The body of `POST /networks/create` that makes the inspected network again.

    Driver, subnets, gateways, options, labels and flags as they were; what the Engine made up
    (the id, the moment, who is on it) is left out.
    """
    body = {field: inspect[field] for field in CREATE_FIELDS if inspect.get(field) is not None}
    if not (inspect.get("ConfigFrom") or {}).get("Network"):
        body.pop("ConfigFrom", None)
    ipam = inspect.get("IPAM") or {}
    configs = [drop_empty(config) for config in ipam.get("Config") or []]
    body["IPAM"] = {
        "Driver": ipam.get("Driver") or "default",
        "Options": ipam.get("Options"),
        "Config": configs,
    }
    return body | {"Name": name or inspect["Name"], "CheckDuplicate": True}


def drop_empty(config: dict[str, Any]) -> dict[str, Any]:
    """A subnet as it was chosen; newer Engines add a `Status` and empty members to it."""
    return {name: value for name, value in config.items() if value and name != "Status"}


def network_named(docker: Docker, name: str) -> dict[str, Any] | None:
    """The inspect of the network that has exactly this name, or None.

    Asked by name, the Engine also takes it for the beginning of an id.
    """
    for network in docker.networks():
        if network["Name"] == name:
            return docker.find_network(network["Id"])
    return None

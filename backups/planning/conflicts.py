"""What can be in the way of a restored container: ports, addresses, subnets."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
from typing import Any

from backups.types import Conflict

ANY_ADDRESS = {"", "0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to


def taken_ports(
    body: dict[str, Any], containers: Iterable[dict[str, Any]], *, leaving: set[str]
) -> Iterator[Conflict]:
    """A conflict for every wanted host port that is published already, or wanted twice.

    `containers` is the Engine's list; those whose ids are in `leaving` give their ports up.
    """
    wanted: dict[tuple[str, str, str], str] = {}
    for container_port, bindings in (body["HostConfig"].get("PortBindings") or {}).items():
        protocol = container_port.partition("/")[2] or "tcp"
        for binding in bindings or []:
            port, address = binding.get("HostPort") or "", binding.get("HostIp") or ""
            if not port.isdigit() or port == "0":
                continue
            if (address, port, protocol) in wanted:
                yield port_conflict(container_port, port, "another port of this container")
            wanted[address, port, protocol] = container_port
    for container in containers:
        if container["Id"] in leaving:
            continue
        name = container["Names"][0].removeprefix("/") if container["Names"] else "a container"
        for (address, port, protocol), container_port in wanted.items():
            if any(overlaps(address, port, protocol, held) for held in container["Ports"]):
                yield port_conflict(container_port, port, name)


def overlaps(address: str, port: str, protocol: str, held: dict[str, Any]) -> bool:
    """Whether a published port of the Engine's list stands in the way of a wanted one."""
    same_port = str(held.get("PublicPort")) == port and held.get("Type") == protocol
    theirs = held.get("IP") or ""
    return same_port and (address == theirs or bool({address, theirs} & ANY_ADDRESS))


def port_conflict(container_port: str, host_port: str, holder: str) -> Conflict:
    return Conflict(
        kind="port",
        name=container_port,
        message=f"The host port {host_port} is taken by {holder}.",
        answer="port_overrides",
    )


def network_conflicts(
    name: str, endpoint: dict[str, Any], network: dict[str, Any], *, leaving: set[str]
) -> Iterator[Conflict]:
    """Why a container's fixed addresses cannot be had on a network that exists."""
    subnets = [ip_network(subnet, strict=False) for subnet in subnets_of(network)]
    for address in fixed_addresses(endpoint):
        if not any(ip_address(address) in subnet for subnet in subnets):
            yield Conflict(
                "network",
                name,
                f"The network {name} exists with other subnets ({', '.join(map(str, subnets))}); "
                f"the container's address {address} is not in them.",
            )
        for container_id, member in (network.get("Containers") or {}).items():
            held = {member.get("IPv4Address", ""), member.get("IPv6Address", "")}
            if container_id not in leaving and address in {text.partition("/")[0] for text in held}:
                yield Conflict(
                    "address",
                    address,
                    f"The address {address} on {name} is taken by {member.get('Name')}.",
                )


def fixed_addresses(endpoint: dict[str, Any]) -> list[str]:
    """The addresses that were chosen for an endpoint."""
    chosen = endpoint.get("IPAMConfig") or {}
    return [chosen[kind] for kind in ("IPv4Address", "IPv6Address") if chosen.get(kind)]


def overlapping(body: dict[str, Any], networks: Iterable[dict[str, Any]]) -> str | None:
    """The name of a network whose subnet overlaps one of a network that is to be made."""
    ours = [ip_network(subnet, strict=False) for subnet in subnets_of(body)]
    for network in networks:
        for subnet in subnets_of(network):
            theirs = ip_network(subnet, strict=False)
            if any(mine.version == theirs.version and mine.overlaps(theirs) for mine in ours):
                return network["Name"]
    return None


def subnets_of(network: dict[str, Any]) -> list[str]:
    """The subnets of a network's inspect or create body, as `10.1.0.0/16`."""
    configs = (network.get("IPAM") or {}).get("Config") or []
    return [config["Subnet"] for config in configs if config.get("Subnet")]

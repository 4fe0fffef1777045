"""Subnets, gateways, ranges and addresses, looked at before the Engine is asked for them."""

from collections.abc import Iterable, Iterator
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_interface,
    ip_network,
)

from networks.types import Network, Pool

Subnet = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

SMALLEST = {4: 30, 6: 126}
"""The longest prefix that leaves room for a gateway and a container."""


def subnet_in(text: str | None) -> Subnet | None:
    """What an Engine's words name, None for what is no subnet; `%` would name a device too."""
    if not text or "/" not in text or "%" in text:
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def address_in(text: str | None) -> Address | None:
    if not text or "%" in text:
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None


def faults_of_pools(pools: list[Pool], *, driver: str, ipv6: bool) -> dict[str, str]:
    """What is wrong with them, by `<number>.<field>`, in sentences."""
    faults: dict[str, str] = {}
    before: list[Subnet] = []
    for number, pool in enumerate(pools):
        faults |= {f"{number}.{field}": words for field, words in faults_of_pool(pool)}
        subnet = subnet_in(pool.subnet)
        if subnet is None or f"{number}.subnet" in faults:
            continue
        if words := fault_beside(subnet, before, driver=driver, ipv6=ipv6):
            faults[f"{number}.subnet"] = words
        before.append(subnet)
    return faults


def faults_of_pool(pool: Pool) -> Iterator[tuple[str, str]]:
    """The fields of one that are wrong, and why."""
    if not pool.subnet:
        yield "subnet", "A gateway or range needs its subnet."
        return
    if words := fault_of_range(pool.subnet):
        yield "subnet", words
        return
    subnet = ip_network(pool.subnet)
    if words := fault_of_subnet(subnet):
        yield "subnet", words
    if pool.gateway and (words := fault_of_address(pool.gateway, [subnet])):
        yield "gateway", words
    if pool.ip_range and (words := fault_of_range(pool.ip_range) or outside(pool.ip_range, subnet)):
        yield "ip_range", words


def fault_of_range(text: str) -> str | None:
    """Why a text is no range of addresses with its length."""
    found = subnet_in(text)
    if found is None:
        return "It is no range of addresses, as 10.20.0.0/16 or fd00:20::/64."
    if ip_interface(text).ip != found.network_address:
        return f"Its address is one within the range: {found} is the whole."
    return None


def fault_of_subnet(subnet: Subnet) -> str | None:
    """Why a range of addresses cannot be a network's."""
    if subnet.prefixlen > SMALLEST[subnet.version]:
        return (
            f"It is too small: /{SMALLEST[subnet.version]} is the smallest with room for anybody."
        )
    if subnet.is_multicast or subnet.is_loopback or subnet.prefixlen == 0:
        return "Its addresses are not ones that containers can have."
    return None


def outside(ip_range: str, subnet: Subnet) -> str | None:
    wanted = ip_network(ip_range)
    is_inside = wanted.version == subnet.version and (
        wanted.network_address in subnet and wanted.prefixlen >= subnet.prefixlen
    )
    return None if is_inside else f"It is not within {subnet}."


def fault_of_address(text: str, subnets: list[Subnet]) -> str | None:
    """Why nobody can have an address in one of these subnets."""
    address = address_in(text)
    if address is None:
        return "It is no address."
    home = next((subnet for subnet in subnets if address in subnet), None)
    if home is None:
        return f"It is not within {', '.join(map(str, subnets))}."
    last = home.broadcast_address if home.version == 4 else None
    if address in (home.network_address, last):
        return f"It stands for all of {home}."
    return None


def fault_beside(subnet: Subnet, before: list[Subnet], *, driver: str, ipv6: bool) -> str | None:
    """Why a subnet does not go with the network's other subnets and settings."""
    if other := next((each for each in before if overlap(subnet, each)), None):
        return f"It overlaps {other}, which this network has already."
    if driver == "bridge" and any(each.version == subnet.version for each in before):
        return f"A bridge has one subnet of IPv{subnet.version}."
    if subnet.version == 6 and not ipv6:
        return "It is one of IPv6, which is not switched on for this network."
    return None


def overlap(one: Subnet, other: Subnet) -> bool:
    return one.version == other.version and one.overlaps(other)


def taken_by(subnet: Subnet, networks: Iterable[Network], *, scope: str) -> str | None:
    """Who has addresses of this subnet, in words; those of a swarm have a space of their own."""
    for network in networks:
        if network.config_only or network.scope != scope:
            continue
        for theirs in map(subnet_in, network.subnets):
            if theirs and overlap(subnet, theirs):
                return f"It overlaps {theirs} of the network {network.name}."
    return None

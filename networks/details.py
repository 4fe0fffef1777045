"""One network, with everybody who is on it."""

from dataclasses import fields, replace
from typing import Any

from containermonkey.problems import NotFound
from containers.mapping import SHORT
from engine import Docker, engine
from networks.deleting import reason_in_words
from networks.endpoints import why_nobody
from networks.host import look_around
from networks.mapping import endpoints_in
from networks.types import Member, Network, NetworkDetails

MOST_ASKED = 20
"""Containers that are asked, one by one, for what they are called on a network."""


def network_details(reference: str) -> NetworkDetails:
    """A network by id, name or unambiguous beginning of an id; our own containers are left out.

    The names of containers on a network are in no list of the Engine's: each has to be asked.
    With more than `MOST_ASKED` of them none is, and the cost stays. Raise NotFound, or Invalid
    where several networks have the name.
    """
    with engine() as docker:
        host = look_around(docker)
        network = host.find(reference)
        members = host.shown(network).containers
        if len(members) <= MOST_ASKED:
            members = [with_aliases(docker, network, member) for member in members]
    values: dict[str, Any] = {each.name: getattr(network, each.name) for each in fields(Network)}
    return NetworkDetails(
        **values | {"containers": members},
        services=host.services.get(network.id, []),
        kept=reason_in_words(host, network),
        closed=why_nobody(host, network),
    )


def with_aliases(docker: Docker, network: Network, member: Member) -> Member:
    """The same with its further names; as it is where it is gone meanwhile."""
    try:
        with engine():
            inspect = docker.inspect_container(member.id)
    except NotFound:
        return member
    for name, endpoint in endpoints_in(inspect).items():
        if endpoint.get("NetworkID") == network.id or name == network.name:
            given = [alias for alias in endpoint.get("Aliases") or [] if alias != member.id[:SHORT]]
            return replace(member, aliases=given)
    return member

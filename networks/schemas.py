"""The bodies and answers of the JSON API of networks."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ninja import Field, Schema

from containermonkey.schemas import Strict
from networks.creating import LONGEST_TEXT, MOST_POOLS
from networks.deleting import MOST, Result
from networks.endpoints import MOST_ALIASES
from networks.types import Network

Words = Annotated[str, Field(max_length=300)]
Reference = Annotated[str, Field(min_length=1, max_length=255)]
Pairs = dict[Words, Annotated[str, Field(max_length=LONGEST_TEXT)]]


class NetworkList(Schema):
    networks: list[Network]


class PoolBody(Strict):
    subnet: Words
    gateway: Words | None = None
    ip_range: Words | None = None


class IpamBody(Strict):
    driver: Literal["default"] = "default"
    config: Annotated[list[PoolBody], Field(max_length=MOST_POOLS)] = []


class CreateBody(Strict):
    name: Words
    driver: Words = "bridge"
    internal: bool = False
    attachable: bool = False
    ipv6: bool = False
    ipam: IpamBody = IpamBody()
    options: Pairs = {}
    labels: Pairs = {}


@dataclass(frozen=True, slots=True)
class CreatedNetwork(Network):
    """The network, and every way in which it is not what was asked for."""

    report: list[str]


class ConnectBody(Strict):
    container: Reference
    aliases: Annotated[list[Words], Field(max_length=MOST_ALIASES)] = []
    ipv4_address: Words | None = None
    ipv6_address: Words | None = None


class DisconnectBody(Strict):
    container: Reference
    force: bool = False


class ConnectedOut(Schema):
    success: bool = True
    changed: bool
    network: Network


class DisconnectedOut(ConnectedOut):
    """`remaining` are the names of the networks that the container is still on."""

    remaining: list[str]


class DeleteBody(Strict):
    ids: Annotated[list[Reference], Field(min_length=1, max_length=MOST)]


class Results(Schema):
    results: list[Result]


class PruneBody(Strict):
    """`ids` are whole ids: of the unused networks only these, as they were shown before."""

    dry_run: bool = False
    ids: Annotated[list[Reference], Field(max_length=MOST)] | None = None


class PrunedOut(Results):
    networks: list[Network]

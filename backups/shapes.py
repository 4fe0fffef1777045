"""What the documents in an archive look like, as far as preview and restore rely on it.

An archive may come from anywhere. Only shapes are looked at, everything else goes through whole:
what a value means is for the Engine to judge. Every member may be missing or null, as Engines
leave out what is not set, unless nothing can be done without it.
"""

from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Annotated, Any, Literal, Required
from uuid import UUID

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from backups.archive.errors import DamagedArchive
from backups.archive.names import is_key
from engine.names import REFERENCE


def readable(parse: Callable[[str], Any]) -> AfterValidator:
    """Refuses a text that `parse` does not take; an empty one says that nothing was chosen."""

    def check(text: str) -> str:
        if text:
            parse(text)
        return text

    return AfterValidator(check)


def name_of_container(text: str) -> None:
    if not REFERENCE.fullmatch(text):
        raise ValueError("No container can have this name.")


# A Go integer; a larger one would not fit into what is calculated with it.
Number = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Address = Annotated[str, readable(ip_address)]
Moment = Annotated[str, readable(datetime.fromisoformat), Field(min_length=1)]
Subnet = Annotated[str, readable(lambda text: ip_network(text, strict=False))]
Texts = list[str] | None
Pairs = dict[str, str] | None
Text = str | None


class Binding(TypedDict, total=False):
    HostIp: Text
    HostPort: Text


class Healthcheck(TypedDict, total=False):
    Test: Texts
    Interval: Number | None
    Timeout: Number | None
    StartPeriod: Number | None
    Retries: Number | None


class Config(TypedDict, total=False):
    Image: Required[str]
    Hostname: Text
    Domainname: Text
    User: Text
    WorkingDir: Text
    MacAddress: Text
    Env: Texts
    Cmd: Texts
    Entrypoint: Texts
    Labels: Pairs
    Volumes: dict[str, Any] | None
    ExposedPorts: dict[str, Any] | None
    Healthcheck: Healthcheck | None


class MountRequest(TypedDict, total=False):
    Type: Required[str]
    Target: Required[str]
    Source: Text
    VolumeOptions: dict[str, Any] | None


class RestartPolicy(TypedDict, total=False):
    Name: Text
    MaximumRetryCount: Number | None


class HostConfig(TypedDict, total=False):
    NetworkMode: Text
    IpcMode: Text
    PidMode: Text
    UTSMode: Text
    Cgroup: Text
    Binds: Texts
    VolumesFrom: Texts
    Links: Texts
    Mounts: list[MountRequest] | None
    PortBindings: dict[str, list[Binding] | None] | None
    RestartPolicy: RestartPolicy | None
    NanoCpus: Number | None
    CpuQuota: Number | None
    CpuPeriod: Number | None
    CpuShares: Number | None
    CpusetCpus: Text
    Memory: Number | None
    MemoryReservation: Number | None
    MemorySwap: Number | None
    MemorySwappiness: Number | None
    PidsLimit: Number | None


class ChosenAddresses(TypedDict, total=False):
    IPv4Address: Address | None
    IPv6Address: Address | None


class Endpoint(TypedDict, total=False):
    NetworkID: Text
    EndpointID: Text
    IPAddress: Text
    GlobalIPv6Address: Text
    Gateway: Text
    MacAddress: Text
    Aliases: Texts
    IPAMConfig: ChosenAddresses | None


class NetworkSettings(TypedDict, total=False):
    Networks: dict[str, Endpoint | None] | None
    Ports: dict[str, list[Binding] | None] | None


class Mounted(TypedDict, total=False):
    Type: Required[str]
    Destination: Required[str]
    RW: Required[bool]
    Name: Text
    Source: Text
    Propagation: Text


class State(TypedDict, total=False):
    Status: Required[str]


class Container(TypedDict, total=False):
    Id: Required[Annotated[str, Field(min_length=1)]]
    Name: Required[str]
    Image: Required[str]
    Created: Required[Moment]
    State: Required[State]
    Config: Required[Config]
    HostConfig: Required[HostConfig]
    NetworkSettings: Required[NetworkSettings]
    Mounts: list[Mounted] | None


class Pool(TypedDict, total=False):
    Subnet: Subnet | None
    Gateway: Text
    IPRange: Text
    AuxiliaryAddresses: Pairs


class Ipam(TypedDict, total=False):
    Driver: Text
    Options: Pairs
    Config: list[Pool] | None


class ConfigFrom(TypedDict, total=False):
    Network: Text


class Network(TypedDict, total=False):
    Name: Required[str]
    Driver: Text
    Scope: Text
    Options: Pairs
    Labels: Pairs
    IPAM: Ipam | None
    ConfigFrom: ConfigFrom | None


class SavedVolume(TypedDict, total=False):
    Driver: Text
    Options: Pairs
    Labels: Pairs


def fits_its_type(source: Any) -> Any:
    """A volume has a name that an Engine takes, a folder a whole path; both have a tree's key."""
    is_volume, name = source["type"] == "volume", source["name"]
    if not is_key(source["key"]):
        raise ValueError("No tree can be filed under this key.")
    if not (REFERENCE.fullmatch(name) if is_volume else name.startswith("/")):
        raise ValueError("This is not the name of a volume, nor the path of a folder.")
    return source


class SourceMembers(TypedDict, total=False):
    """A volume or folder, as the manifest describes it."""

    key: Required[str]
    type: Required[Literal["volume", "bind"]]
    name: Required[str]
    destinations: Required[Annotated[list[str], Field(min_length=1)]]
    volume: SavedVolume | None
    transport: Text
    anonymous: bool | None
    file: bool | None


SavedSource = Annotated[SourceMembers, AfterValidator(fits_its_type)]


class SkippedMount(TypedDict, total=False):
    type: Required[str]
    name: Required[str]
    destination: Required[str]
    reason: Required[str]
    volume: SavedVolume | None


class SavedHost(TypedDict, total=False):
    name: Text


class SavedContainer(TypedDict, total=False):
    id: Required[str]
    name: Required[Annotated[str, readable(name_of_container), Field(min_length=1)]]
    state: Required[str]
    running: bool | None
    paused: bool | None
    references: Pairs


class SavedImage(TypedDict, total=False):
    reference: Required[str]
    id: Required[str]
    included: Required[bool]
    tags: Texts
    digests: Texts
    saved_as: Text
    config: dict[str, Any] | None


class SavedStack(TypedDict, total=False):
    """The stack of whose set an archive is one; `members` are the containers of the others too."""

    name: Required[Annotated[str, Field(min_length=1, max_length=255)]]
    kind: Required[Literal["compose", "swarm"]]
    set_id: Required[Annotated[str, readable(UUID), Field(min_length=1)]]
    members: Required[list[str]]


class Manifest(TypedDict, total=False):
    format: Required[str]
    format_version: Required[Number]
    created: Required[Moment]
    container: Required[SavedContainer]
    image: Required[SavedImage]
    sources: Required[list[SavedSource]]
    skipped: Required[list[SkippedMount]]
    host: SavedHost | None
    consistency: Text
    transport: Text
    held_still: Texts
    stack: SavedStack | None


class SavedVolumeName(TypedDict, total=False):
    name: Required[Annotated[str, readable(name_of_container), Field(min_length=1, max_length=255)]]
    containers: Texts


class VolumeManifest(TypedDict, total=False):
    """What the archive of a volume by itself says; its one source is that volume."""

    format: Required[str]
    format_version: Required[Number]
    kind: Required[Literal["volume"]]
    created: Required[Moment]
    volume: Required[SavedVolumeName]
    sources: Required[Annotated[list[SavedSource], Field(min_length=1, max_length=1)]]
    host: SavedHost | None
    consistency: Text
    transport: Text
    held_still: Texts


CONTAINER = TypeAdapter(Container)
NETWORKS = TypeAdapter(list[Network])
MANIFEST = TypeAdapter(Manifest)
VOLUME_MANIFEST = TypeAdapter(VolumeManifest)


def check(shape: TypeAdapter[Any], document: Any, sentence: str) -> None:
    """Raise DamagedArchive with the sentence, and the place of the first fault, unless it fits."""
    try:
        shape.validate_python(document, strict=True)  # where "5" is no number
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])[:100]
        raise DamagedArchive(f"{sentence} See {place}." if place else sentence) from error

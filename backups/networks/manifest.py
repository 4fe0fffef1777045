"""What the archive of a network says of itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Required

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from backups import manifest as manifests
from backups.archive.errors import DamagedArchive
from backups.archive.reader import ArchiveReader
from backups.models import Kind
from backups.shapes import Moment, Number, check
from engine import Docker
from networks.types import Network

Name = Annotated[str, Field(min_length=1, max_length=255)]


class SavedNetwork(TypedDict, total=False):
    id: Required[Annotated[str, Field(max_length=64)]]
    name: Required[Name]
    driver: str | None
    containers: list[str] | None


class NetworkManifest(TypedDict, total=False):
    format: Required[str]
    format_version: Required[Number]
    kind: Required[str]
    created: Required[Moment]
    network: Required[SavedNetwork]


MANIFEST = TypeAdapter(NetworkManifest)


def build(docker: Docker, network: Network, created: datetime) -> dict[str, Any]:
    """The manifest of a network's backup; it names the containers that were on it."""
    return manifests.head(docker, Kind.NETWORK.value, created) | {
        "network": {
            "id": network.id,
            "name": network.name,
            "driver": network.driver,
            "containers": [member.name for member in network.containers],
        },
    }


@dataclass(frozen=True)
class ArchivedNetwork:
    """What the archive of a network holds: its manifest, and the Engine's inspect of it."""

    manifest: dict[str, Any]
    inspect: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.manifest["network"]["name"])

    @property
    def containers(self) -> list[str]:
        """The containers that were on it."""
        return self.manifest["network"].get("containers") or []

    @property
    def created(self) -> datetime:
        return manifests.created_at(self.manifest)


def is_network(archive: ArchiveReader) -> bool:
    """Whether an archive says that it is the backup of a network."""
    return archive.manifest.get("kind") == Kind.NETWORK


def read_network(archive: ArchiveReader) -> ArchivedNetwork:
    """What is in the archive of a network, which may come from anywhere.

    Raise DamagedArchive unless a network can be made of it.
    """
    manifests.refuse_foreign(archive.manifest)
    check(MANIFEST, archive.manifest, "The archive's manifest is not complete.")
    networks = manifests.checked_networks(archive)
    if len(networks) != 1 or networks[0]["Name"] != archive.manifest["network"]["name"]:
        raise DamagedArchive("The archive does not describe the one network that it is of.")
    return ArchivedNetwork(archive.manifest, networks[0])

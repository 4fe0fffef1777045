"""The first thing in an archive: what it is, when and how it was made, and what is where."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from backups.archive.errors import DamagedArchive
from backups.archive.index import parse_json
from backups.archive.reader import ArchiveReader
from backups.models import Kind
from backups.shapes import CONTAINER, MANIFEST, NETWORKS, VOLUME_MANIFEST, check
from backups.sources import Skipped, Source
from containermonkey.problems import Invalid, NotFound
from containers.changes import referenced_containers
from engine import Docker, engine
from engine.names import shortened

FORMAT = "container-monkey-backup"
FORMAT_VERSION = 1

WARNINGS = "warnings"
"""Where the index of an archive has what was reported while the data was read."""

FROM_THE_WEAKEST = ("engine", "helper", "directory")
"""The ways that data travels, that which keeps least first; see `backups.ways`."""


def head(docker: Docker, kind: str, created: datetime) -> dict[str, Any]:
    """What the manifest of every kind of backup begins with: what made it, when and where."""
    version, info = docker.version(), docker.info()
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "program": {"name": "Container Monkey", "version": settings.VERSION},
        "kind": kind,
        "created": created.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "host": {"name": info.get("Name"), "os": info.get("OperatingSystem")},
        "engine": {"version": version.get("Version"), "api_version": docker.api_version},
    }


def created_at(manifest: dict[str, Any]) -> datetime:
    """When the backup of a checked manifest was made; a time without a zone is one of UTC."""
    created = datetime.fromisoformat(manifest["created"])
    return created if created.tzinfo else created.replace(tzinfo=UTC)


def build(
    *,
    docker: Docker,
    inspect: dict[str, Any],
    image: dict[str, Any],
    save_as: str | None,
    consistency: str,
    transports: dict[str, str],
    held: list[str],
    sources: list[Source],
    skipped: list[Skipped],
    created: datetime,
    stack: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The manifest of a container's backup.

    `save_as` is what the image is called that goes in, None where it does not; `held` names the
    containers that were kept still. `stack` tells of the set that the archive is one of.
    """
    return head(docker, Kind.CONTAINER.value, created) | {
        "consistency": consistency,
        "held_still": held,
        "transport": weakest(transports.values()),
        "container": {
            "id": inspect["Id"],
            "name": inspect["Name"].removeprefix("/"),
            "state": inspect["State"]["Status"],
            "running": bool(inspect["State"]["Running"]),
            "paused": bool(inspect["State"]["Paused"]),
            "references": names_of(docker, referenced_containers(inspect)),
        },
        "image": {
            "reference": inspect["Config"]["Image"],
            "id": inspect["Image"],
            "tags": image.get("RepoTags") or [],
            "digests": image.get("RepoDigests") or [],
            "included": save_as is not None,
            "saved_as": save_as,
            "config": image.get("Config") or {},
        },
        "sources": [
            source.as_manifest() | {"transport": transports[source.key]} for source in sources
        ],
        "skipped": [vars(item) for item in skipped],
        "stack": stack,
    }


def weakest(transports: Iterable[str]) -> str:
    """The way that kept least of those that were taken; `none` where no data was read."""
    taken = set(transports)
    return next((name for name in FROM_THE_WEAKEST if name in taken), "none")


def warnings_in(archive: ArchiveReader) -> list[str]:
    """What was reported while an archive was made; nothing in one that was made earlier."""
    warnings = archive.index.extra.get(WARNINGS)
    return [str(text) for text in warnings] if isinstance(warnings, list) else []


def names_of(docker: Docker, references: list[str]) -> dict[str, str]:
    """The names of the containers that one refers to; ids mean nothing after a restore."""
    names = {}
    for reference in references:
        try:
            with engine():
                names[reference] = docker.find_container(reference)["Name"].removeprefix("/")
        except NotFound:
            continue
    return names


def checked(manifest: dict[str, Any]) -> dict[str, Any]:
    """Give a manifest back if restore and preview can rely on its shape.

    An archive may come from anywhere. Raise DamagedArchive otherwise, Invalid for the archive of
    something else than a container.
    """
    refuse_foreign(manifest)
    kind = manifest.get("kind", Kind.CONTAINER)
    if kind != Kind.CONTAINER:
        raise Invalid(f"This is the backup of a {shortened(str(kind))}, not of a container.")
    check(MANIFEST, manifest, "The archive's manifest is not complete.")
    return manifest


def checked_with_data(manifest: dict[str, Any]) -> dict[str, Any]:
    """Give the manifest of a container, or of a volume by itself, back if it can be relied on."""
    is_volume = manifest.get("kind") == Kind.VOLUME
    return checked_volume(manifest) if is_volume else checked(manifest)


def checked_volume(manifest: dict[str, Any]) -> dict[str, Any]:
    """Give the manifest of a volume by itself back. Raise DamagedArchive for any other."""
    refuse_foreign(manifest)
    check(VOLUME_MANIFEST, manifest, "The archive's manifest is not complete.")
    source = manifest["sources"][0]
    if (source["type"], source["name"]) != ("volume", manifest["volume"]["name"]):
        raise DamagedArchive("The archive does not describe the one volume that it is of.")
    return manifest


def refuse_foreign(manifest: dict[str, Any]) -> None:
    """Raise DamagedArchive for what another program or a newer version has made."""
    if manifest.get("format") != FORMAT:
        raise DamagedArchive("The archive was not made by Container Monkey.")
    version = manifest.get("format_version")
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise DamagedArchive(
            "The archive was made by a newer version of Container Monkey; update first."
        )


def checked_inspect(archive: ArchiveReader) -> dict[str, Any]:
    """The inspect in an archive. Raise DamagedArchive if nothing can be made from it."""
    inspect = archive.read_json("backup/container.json")
    check(CONTAINER, inspect, "The archive's container.json does not describe a container.")
    return inspect


def checked_networks(archive: ArchiveReader) -> list[dict[str, Any]]:
    """The networks in an archive. Raise DamagedArchive if they are none."""
    name = "backup/networks.json"
    networks = parse_json(archive.read_file(name), name)
    check(NETWORKS, networks, "The archive's networks.json does not describe networks.")
    return networks


def as_bytes(document: Any) -> bytes:
    """JSON as it is stored in an archive: readable by people, keys in the order given."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"

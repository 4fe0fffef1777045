"""Making an archive of the original into one of ours. The file itself stays as it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

from backups import manifest as manifests
from backups.archive.errors import DamagedArchive
from backups.archive.writer import ArchiveWriter, FinishedArchive
from backups.original.description import CONFIG, Description, describe
from backups.original.entries import files_of
from backups.original.judging import IMAGE, Judgement, judge
from backups.original.trees import image_tar, tree_of
from backups.readme import readme
from containers.compose import compose_yaml
from containers.queries import ALIVE

ENOUGH_TO_KNOW = 32
"""Files after which an archive without the original's own is none of its."""

LARGEST_BEFORE = 16 << 20
"""Bytes of a file that comes before it; the original put its image and data behind it."""


def recognises(path: Path) -> bool:
    """Whether a file looks like an archive of the original; its first bytes are enough to know."""
    try:
        with path.open("rb") as file:
            for number, entry in enumerate(files_of(file)):
                if entry.name == CONFIG:
                    return True
                if number == ENOUGH_TO_KNOW or entry.content.size > LARGEST_BEFORE:
                    return False
    except (DamagedArchive, OSError):
        return False
    return False


def convert(
    path: Path,
    target: Callable[[Description], Path],
    origin: dict[str, Any],
) -> FinishedArchive:
    """Write an archive of ours with everything that is sound in one of the original.

    `target` says where it goes, `origin` is kept in its manifest: from which file it was made.
    What is lost, and why, is named there as everything is that is not in a backup. Raise
    DamagedArchive where the archive itself is broken; an OSError of the disk comes through.
    """
    description = describe(path)
    found = judge(path, description)
    manifest = manifests.checked(manifest_of(description, found, origin))
    with ArchiveWriter(target(description)) as archive:
        write_description(archive, manifest, description, found)
        write_data(archive, path, description, found)
        return archive.finish()


def manifest_of(
    description: Description, found: Judgement, origin: dict[str, Any]
) -> dict[str, Any]:
    """The manifest of a container's backup, as far as the original kept what is in it."""
    inspect, state = description.inspect, description.inspect["State"]
    return {
        "format": manifests.FORMAT,
        "format_version": manifests.FORMAT_VERSION,
        "program": {"name": "Container Monkey", "version": settings.VERSION},
        "kind": "container",
        "created": description.created.isoformat().replace("+00:00", "Z"),
        "host": {"name": None, "os": None},
        "engine": {"version": None, "api_version": None},
        "consistency": "none",
        "held_still": [],
        "transport": "original",
        "converted": origin,
        "container": {
            "id": inspect["Id"],
            "name": inspect["Name"].removeprefix("/"),
            "state": state["Status"],
            "running": state["Status"] in ALIVE,
            "paused": state["Status"] == "paused",
            "references": {},
        },
        "image": {
            "reference": inspect["Config"]["Image"],
            "id": inspect["Image"],
            "tags": found.tags or [],
            "digests": [],
            "included": found.tags is not None,
            "saved_as": saved_as(inspect, found.tags),
            "config": {},
        },
        "sources": [source.as_manifest() for source in found.sources.values()],
        "skipped": [vars(item) for item in found.skipped] + without_image(inspect, found),
    }


def saved_as(inspect: dict[str, Any], tags: list[str] | None) -> str | None:
    """What the image is called that is in the archive; its id where it has no name there."""
    if tags is None:
        return None
    reference = inspect["Config"]["Image"]
    return reference if reference in tags else inspect["Image"]


def without_image(inspect: dict[str, Any], found: Judgement) -> list[dict[str, Any]]:
    """Where the original left a note in place of the image, that it did."""
    if not found.without_image:
        return []
    reference = inspect["Config"]["Image"]
    return [
        {
            "type": "image",
            "name": reference,
            "destination": "the image",
            "reason": found.without_image,
            "volume": None,
        }
    ]


def write_description(
    archive: ArchiveWriter, manifest: dict[str, Any], description: Description, found: Judgement
) -> None:
    """Write what is told of the container; of its networks the original kept the names only."""
    volumes = [source.volume for source in found.sources.values() if source.volume]
    documents = {
        "manifest.json": manifests.as_bytes(manifest),
        "container.json": manifests.as_bytes(description.inspect),
        "networks.json": manifests.as_bytes([]),
        "README.txt": readme(manifest, archive.path.name).encode(),
        "compose.yaml": compose_yaml(description.inspect, [], {}, volumes).encode(),
    }
    mtime = int(description.created.timestamp())
    for name, content in documents.items():
        archive.add_file(f"backup/{name}", content, mtime=mtime)


def write_data(
    archive: ArchiveWriter, path: Path, description: Description, found: Judgement
) -> None:
    """Write what was found sound, in the order in which it comes."""
    with path.open("rb") as file:
        for entry in files_of(file):
            if entry.name == IMAGE and found.tags is not None:
                archive.add_stream_tree("image", image_tar(entry.content))
            elif source := found.sources.get(entry.name):
                roots = description.places[entry.name].roots
                archive.add_tree(source.key, tree_of(entry.content, source.key, roots))

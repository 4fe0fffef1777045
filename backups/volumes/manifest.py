"""What the archive of a volume says of itself, and its record."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from backups import manifest as manifests
from backups.archive.errors import DamagedArchive
from backups.archive.index import TREE
from backups.archive.reader import ArchiveReader
from backups.models import Backup, Kind
from backups.volumes.sources import Subject
from engine import Docker


def build(
    docker: Docker, subject: Subject, consistency: str, way: str, created: datetime
) -> dict[str, Any]:
    """The manifest of a volume's backup; it names the containers that used it.

    `way` is how its content travelled.
    """
    return manifests.head(docker, Kind.VOLUME.value, created) | {
        "consistency": consistency,
        "held_still": [member.name for member in subject.held],
        "transport": way,
        "volume": {"name": subject.name, "containers": subject.mounted_by},
        "sources": [subject.source.as_manifest() | {"transport": way}],
        "skipped": [],
    }


def is_volume(archive: ArchiveReader) -> bool:
    """Whether an archive says that it is the backup of a volume by itself."""
    return archive.manifest.get("kind") == Kind.VOLUME


def record_of_volume(manifest: dict[str, Any], size: int, files: int) -> Backup:
    """The record of an archive that was checked, but for its file; not saved.

    `size` are the bytes in its files, of which there are so many.
    """
    source = manifest["sources"][0]
    kept = {"key": source["key"], "name": source["name"], "type": "volume", "destination": ""}
    return Backup(
        kind=Kind.VOLUME,
        container_name=source["name"],
        created=manifests.created_at(manifest),
        verified=True,
        verified_at=timezone.now(),
        metadata={"volumes": [kept | {"size": size, "files": files}], "skipped": []},
    )


def record_of_archive(archive: ArchiveReader) -> Backup:
    """The record of an archive from anywhere, which was checked whole.

    Raise DamagedArchive unless a volume can be made of it.
    """
    manifest = manifests.checked_volume(archive.manifest)
    parts = {part.key: part for part in archive.index.parts if part.kind == TREE}
    part = parts.get(manifest["sources"][0]["key"])
    if part is None:
        raise DamagedArchive("The archive does not hold the volume that it is of.")
    backup = record_of_volume(manifest, part.content_size, part.files)
    try:
        backup.clean_fields(exclude=["filename", "size", "sha256"])
    except ValidationError as error:
        raise DamagedArchive("The archive's description of the volume is not whole.") from error
    return backup


def filename_stem(name: str) -> str:
    """A volume's name for a file's, told from that of a container."""
    return f"volume-{name}"

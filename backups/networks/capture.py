"""Backing a network up. It is small, so it is done at once, and read back before it is listed."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.audit import audited
from backups import manifest as manifests
from backups.adoption import saved_once
from backups.archive.verify import verify
from backups.archive.writer import ArchiveWriter, FinishedArchive
from backups.errors import CannotBackUp, problems_of_the_disk
from backups.files import free_filename
from backups.models import Backup
from backups.networks.manifest import ArchivedNetwork, build
from backups.networks.readme import readme
from backups.networks.records import filename_stem, record_of_network
from engine import engine
from networks.queries import find_network


def back_up_network(reference: str) -> Backup:
    """Save a network, by name or id, into an archive of its own.

    Raise NotFound, or CannotBackUp for one that every host has.
    """
    with engine() as docker:
        network = find_network(docker, reference)
        with audited("network.backup", network.name) as details, engine():
            if network.built_in:
                raise CannotBackUp(
                    f"{network.name} is one of Docker’s own networks: every host has it, and none "
                    "can be brought back."
                )
            created = timezone.now()
            manifest = build(docker, network, created)
            inspect = docker.inspect_network(network.id)
            backup = save(manifest, inspect, created)
            details["filename"] = backup.filename
    return backup


def save(manifest: dict[str, Any], inspect: dict[str, Any], created: datetime) -> Backup:
    """Write the archive, check it, and only then list it."""
    finished = written(manifest, inspect, created)
    try:
        found = verify(finished.path, written=finished.trailer)
        backup = record_of_network(ArchivedNetwork(manifest, inspect))
        backup.filename = found.path.name
        backup.size, backup.sha256 = found.size, found.sha256
        return saved_once(backup)
    except BaseException:
        finished.path.unlink(missing_ok=True)
        raise


def written(
    manifest: dict[str, Any], inspect: dict[str, Any], created: datetime
) -> FinishedArchive:
    """The archive, whole and on disk. Raise CannotBackUp where there is no place for it."""
    documents = {
        "manifest.json": manifests.as_bytes(manifest),
        "networks.json": manifests.as_bytes([inspect]),
        "README.txt": readme(manifest, inspect).encode(),
    }
    stem = filename_stem(manifest["network"]["name"])
    path = Path(settings.BACKUP_DIR) / free_filename(stem, created)
    try:
        with problems_of_the_disk(), ArchiveWriter(path) as archive:
            for name, content in documents.items():
                archive.add_file(f"backup/{name}", content, mtime=int(created.timestamp()))
            return archive.finish()
    except FileExistsError:
        raise CannotBackUp(f"A file named {path.name} has appeared meanwhile; try again.") from None

"""Taking in an archive that lies somewhere as a file: it is checked, copied and listed."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from pydantic import TypeAdapter

from backups import manifest as manifests
from backups.archive.errors import DamagedArchive
from backups.archive.index import TREE
from backups.archive.partial import PartialFile
from backups.archive.reader import ArchiveReader
from backups.archive.verify import VerifyReport, verify
from backups.files import SUFFIX, free_filename, is_taken
from backups.models import Backup
from backups.records import metadata_of
from backups.saved import saved_container
from backups.types import Metadata
from containermonkey.problems import Invalid, NotFound
from engine.names import shortened

FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,240}\.tar\.gz", re.ASCII)
BLOCK = 1 << 20
METADATA = TypeAdapter(Metadata)


def find_or_adopt(file: str) -> Backup:
    """The backup of this name, else the archive at this path, taken in.

    Raise NotFound if it is neither, and what `adopt` raises.
    """
    known = Backup.objects.filter(filename=Path(file).name).first()
    if known and file == known.filename:
        return known
    path = Path(file)
    if not path.exists() and "/" not in file:
        path = Path(settings.BACKUP_DIR) / file
    if not path.is_file():
        raise NotFound(f"There is no backup and no file named {shortened(file, 200)}.")
    if known and lies_in_backup_directory(path):
        return known
    return adopt(path)


def adopt(path: Path) -> Backup:
    """Check an archive, copy it into the backup directory unless it lies there, and list it.

    An archive that is listed already is not taken twice. Raise ArchiveProblem unless it is a
    whole backup of a container; an OSError of the disk comes through as it is.
    """
    report = verify(path)
    known = Backup.objects.filter(sha256=report.sha256, size=report.size).first()
    if known:
        return known
    backup = record_of(path)
    backup.size, backup.sha256 = report.size, report.sha256
    if not lies_in_backup_directory(path):
        backup.filename = name_for(path, backup)
        copied(path, backup.filename, report)
    elif FILENAME.fullmatch(path.name):
        backup.filename = path.name
    else:
        raise Invalid(f"The name of an archive ends with {SUFFIX} and has no spaces in it.")
    backup.save()
    return backup


def lies_in_backup_directory(path: Path) -> bool:
    return path.resolve().parent == Path(settings.BACKUP_DIR).resolve()


def name_for(path: Path, backup: Backup) -> str:
    """The file's own name where it can be kept, else one made as for a new backup."""
    if FILENAME.fullmatch(path.name) and not is_taken(path.name):
        return path.name
    return free_filename(backup.container_name, backup.created)


def record_of(path: Path) -> Backup:
    """The record of what is in an archive, but for its file. Raise DamagedArchive if it is odd."""
    with ArchiveReader(path) as archive:
        manifest = manifests.checked(archive.manifest)
        inspect = manifests.checked_inspect(archive)
        parts = [part for part in archive.index.parts if part.kind == TREE]
    sizes = {str(part.key): (part.content_size, part.files) for part in parts}
    if missing := {source["key"] for source in manifest["sources"]} - set(sizes):
        raise DamagedArchive(f"The archive holds no volume {shortened(missing.pop())}.")
    created, stack = datetime.fromisoformat(manifest["created"]), manifest.get("stack") or {}
    try:
        saved_container(inspect)
        metadata = metadata_of(manifest, inspect, sizes)
        METADATA.validate_python(metadata)
        backup = Backup(
            container_name=manifest["container"]["name"],
            container_id=manifest["container"]["id"],
            image=manifest["image"]["reference"],
            created=created if created.tzinfo else created.replace(tzinfo=UTC),
            verified=True,
            verified_at=timezone.now(),
            metadata=metadata,
            stack=stack.get("name", ""),
            set_id=UUID(stack["set_id"]) if stack else None,
        )
        backup.clean_fields(exclude=["filename", "size", "sha256"])
    except (AttributeError, KeyError, TypeError, ValueError, ValidationError) as error:
        raise DamagedArchive("The archive's description of the container is not whole.") from error
    return backup


def copied(path: Path, filename: str, report: VerifyReport) -> None:
    """Copy what was checked, and nothing else, under this name."""
    target = Path(settings.BACKUP_DIR) / filename
    partial = PartialFile(target)
    try:
        with path.open("rb") as source:
            while block := source.read(BLOCK):
                partial.write(block)
        digest = partial.commit()
    finally:
        partial.discard()
    if digest != report.sha256:
        target.unlink()
        raise DamagedArchive("The archive was changed while it was copied.")

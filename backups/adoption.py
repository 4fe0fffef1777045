"""Taking in an archive that lies somewhere as a file: it is checked, copied and listed."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from backups import manifest as manifests
from backups.archive.errors import DamagedArchive
from backups.archive.index import TREE
from backups.archive.partial import PartialFile
from backups.archive.reader import ArchiveReader
from backups.archive.verify import VerifyReport, verify
from backups.files import SUFFIX, free_filename, is_taken
from backups.models import Backup
from backups.records import metadata_of
from containermonkey.problems import Invalid, NotFound
from engine.names import REFERENCE, shortened

FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,240}\.tar\.gz", re.ASCII)
BLOCK = 1 << 20


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
    whole backup of a container, NoSpace if there is no room for it.
    """
    report = verify(path)
    known = Backup.objects.filter(sha256=report.sha256, size=report.size).first()
    if known:
        return known
    manifest, inspect, sizes = contents_of(path)
    created = datetime.fromisoformat(manifest["created"])
    if lies_in_backup_directory(path):
        if not FILENAME.fullmatch(path.name):
            raise Invalid(f"The name of an archive ends with {SUFFIX} and has no spaces in it.")
        filename = path.name
    else:
        filename = copied(path, name_for(path, manifest["container"]["name"], created), report)
    return Backup.objects.create(
        filename=filename,
        container_name=manifest["container"]["name"],
        container_id=manifest["container"]["id"],
        image=manifest["image"]["reference"],
        size=report.size,
        created=created,
        sha256=report.sha256,
        verified=True,
        verified_at=timezone.now(),
        metadata=metadata_of(manifest, inspect, sizes),
    )


def lies_in_backup_directory(path: Path) -> bool:
    return path.resolve().parent == Path(settings.BACKUP_DIR).resolve()


def name_for(path: Path, container: str, created: datetime) -> str:
    """The file's own name where it can be kept, else one made as for a new backup."""
    keeps = FILENAME.fullmatch(path.name) and not is_taken(path.name)
    return path.name if keeps else free_filename(container, created)


def contents_of(path: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, tuple[int, int]]]:
    """Manifest, inspect and the sizes of the volumes. Raise DamagedArchive where one is missing."""
    with ArchiveReader(path) as archive:
        manifest = manifests.checked(archive.read_json("backup/manifest.json"))
        inspect = archive.read_json("backup/container.json")
        parts = [part for part in archive.index.parts if part.kind == TREE]
    sizes = {str(part.key): (part.content_size, part.files) for part in parts}
    if not REFERENCE.fullmatch(manifest["container"]["name"]):
        raise DamagedArchive("The archive's manifest names a container that cannot exist.")
    if missing := [source["key"] for source in manifest["sources"] if source["key"] not in sizes]:
        raise DamagedArchive(f"The archive lacks the volume {shortened(missing[0])}.")
    return manifest, inspect, sizes


def copied(path: Path, filename: str, report: VerifyReport) -> str:
    """Copy what was checked, and nothing else, under this name; the name."""
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
    return filename

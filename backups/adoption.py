"""Taking in an archive that lies somewhere as a file: it is checked, copied and listed."""

import fcntl
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from pydantic import TypeAdapter

from accounts.audit import record
from backups import manifest as manifests
from backups.archive.errors import DamagedArchive
from backups.archive.index import TREE
from backups.archive.partial import PartialFile
from backups.archive.reader import ArchiveReader
from backups.archive.verify import verify
from backups.files import SUFFIX, free_filename, is_taken
from backups.models import Backup, Kind, Origin
from backups.networks.manifest import is_network, read_network
from backups.networks.records import filename_stem as network_stem
from backups.networks.records import record_of_network
from backups.original import convert as original
from backups.records import file_state, metadata_of
from backups.saved import saved_container
from backups.types import Metadata
from backups.volumes.manifest import filename_stem as volume_stem
from backups.volumes.manifest import is_volume, record_of_archive
from containermonkey.problems import Invalid, NotFound
from engine.names import shortened

FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,240}\.tar\.gz", re.ASCII)
BLOCK = 1 << 20
METADATA = TypeAdapter(Metadata)

STEMS: dict[str, Callable[[str], str]] = {Kind.NETWORK: network_stem, Kind.VOLUME: volume_stem}
"""What files are called of what is no container."""

OnBytes = Callable[[int], None]


def ignore(count: int) -> None:
    """For those who do not watch."""


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


def adopt(path: Path, on_bytes: OnBytes = ignore) -> Backup:
    """Check an archive, copy it into the backup directory unless it lies there, and list it.

    An archive that is listed already is not taken twice. Raise ArchiveProblem unless it is a
    whole backup; an OSError of the disk comes through as it is.
    """
    if original.recognises(path):
        is_found = lies_in_backup_directory(path)
        origin = Origin.FOUND if is_found else Origin.UPLOADED
        return adopt_original(path, path.name, origin)[0]
    if not lies_in_backup_directory(path):
        return brought(path, on_bytes)
    if not FILENAME.fullmatch(path.name):
        raise Invalid(f"The name of an archive ends with {SUFFIX} and has no spaces in it.")
    before = state_of(path)
    backup = checked(path, on_bytes)
    backup.filename, backup.origin = path.name, Origin.FOUND
    with one_at_a_time():
        if state_of(path) != before:
            raise DamagedArchive("The archive was changed while it was checked.")
        return already_listed(backup) or saved(backup)


def saved_once(backup: Backup) -> Backup:
    """The record of an archive that has just appeared, saved unless a scan was quicker."""
    with one_at_a_time():
        return already_listed(backup) or saved(backup)


def brought(path: Path, on_bytes: OnBytes) -> Backup:
    """An archive from elsewhere, checked and then copied."""
    backup = checked(path, on_bytes)
    if known := already_listed(backup):
        return known
    backup.filename, backup.origin = name_for(path, backup), Origin.UPLOADED
    copied(path, backup.filename, backup.sha256)
    with one_at_a_time():
        if known := already_listed(backup):  # somebody was quicker
            (Path(settings.BACKUP_DIR) / backup.filename).unlink()
            return known
        return saved(backup)


def checked(path: Path, on_bytes: OnBytes = ignore) -> Backup:
    """The record, not saved and without a name, of a file that has been read whole and is sound.

    `on_bytes` is called with the bytes read since its last call. Raise NotAnArchive for another
    file, without reading all of it, and another ArchiveProblem for an archive that is not whole.
    """
    report = verify(path, on_bytes)
    backup = record_of(path)
    backup.size, backup.sha256 = report.size, report.sha256
    return backup


def already_listed(backup: Backup, file: str = "present") -> Backup | None:
    """The backup that has the same content, byte for byte, and whose file is in this state."""
    same = Backup.objects.filter(sha256=backup.sha256, size=backup.size)
    return next((known for known in same if file_state(known) == file), None)


def saved(backup: Backup) -> Backup:
    backup.save()
    return backup


def state_of(path: Path) -> tuple[int, int, int]:
    """What tells a file from another one, and from itself after a change."""
    found = path.lstat()
    return found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keep every other process from listing an archive meanwhile, lest two list the same."""
    with (Path(settings.DATA_DIR) / "adoption.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def adopt_original(path: Path, name: str, origin: Origin) -> tuple[Backup, bool]:
    """List what an archive of the original Container Monkey holds, as an archive of ours.

    `name` is what the file is called where it comes from. It stays as it is, and is not taken
    twice: the second of the answer is whether it is new. Raise DamagedArchive where it is broken.
    """
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if known := already_converted(sha256):
        return known, False
    source = {"filename": name, "sha256": sha256, "size": path.stat().st_size}
    finished = original.convert(path, place_for, source)
    try:
        found = verify(finished.path, written=finished.trailer)
        backup = record_of(finished.path)
        backup.filename = found.path.name
        backup.size, backup.sha256 = found.size, found.sha256
        backup.origin = origin
        with one_at_a_time():
            known = already_converted(sha256)  # somebody may have been quicker
            if known is None:
                backup.save()
    except BaseException:
        finished.path.unlink(missing_ok=True)
        raise
    if known:
        if known.filename != backup.filename:  # else a scan has listed this very file
            finished.path.unlink()
        return known, False
    record("backup.convert", name, filename=backup.filename)
    return backup, True


def already_converted(sha256: str) -> Backup | None:
    """The backup that was made of this archive of the original, and whose file is there."""
    same = Backup.objects.filter(metadata__converted__sha256=sha256)
    return next((known for known in same if file_state(known) == "present"), None)


def place_for(description: original.Description) -> Path:
    """Where the archive goes that is made of one of the original."""
    name = description.inspect["Name"].removeprefix("/")
    return Path(settings.BACKUP_DIR) / free_filename(name, description.created)


def lies_in_backup_directory(path: Path) -> bool:
    return path.resolve().parent == Path(settings.BACKUP_DIR).resolve()


def name_for(path: Path, backup: Backup) -> str:
    """The file's own name where it can be kept, else one made as for a new backup."""
    if FILENAME.fullmatch(path.name) and not is_taken(path.name):
        return path.name
    name = backup.container_name
    stem = STEMS.get(backup.kind, str)(name)
    return free_filename(stem, backup.created)


def record_of(path: Path) -> Backup:
    """The record of what is in an archive, but for its file. Raise DamagedArchive if it is odd."""
    with ArchiveReader(path) as archive:
        if is_network(archive):
            return record_of_network(read_network(archive))
        if is_volume(archive):
            return record_of_archive(archive)
        manifest = manifests.checked(archive.manifest)
        inspect = manifests.checked_inspect(archive)
        parts = [part for part in archive.index.parts if part.kind == TREE]
    sizes = {str(part.key): (part.content_size, part.files) for part in parts}
    if missing := {source["key"] for source in manifest["sources"]} - set(sizes):
        raise DamagedArchive(f"The archive holds no volume {shortened(missing.pop())}.")
    stack = manifest.get("stack") or {}
    try:
        saved_container(inspect)
        metadata = metadata_of(manifest, inspect, sizes)
        # By this an archive of the original is known again, lest it be converted twice.
        if converted := manifest.get("converted"):
            metadata["converted"] = {"sha256": str(converted["sha256"])}
        METADATA.validate_python(metadata)
        backup = Backup(
            container_name=manifest["container"]["name"],
            container_id=manifest["container"]["id"],
            image=manifest["image"]["reference"],
            created=manifests.created_at(manifest),
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


def copied(path: Path, filename: str, sha256: str) -> None:
    """Copy what was checked, and nothing else, under this name."""
    target = Path(settings.BACKUP_DIR) / filename
    partial, digest = PartialFile(target), hashlib.sha256()
    try:
        with path.open("rb") as source:
            while block := source.read(BLOCK):
                digest.update(block)
                partial.write(block)
        if digest.hexdigest() != sha256:
            raise DamagedArchive("The archive was changed while it was copied.")
        partial.commit()
    finally:
        partial.discard()

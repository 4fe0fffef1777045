"""Taking in the archive of a network that somebody brings."""

import tempfile
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile

from accounts.audit import audited
from backups.adoption import FILENAME, adopt
from backups.archive.reader import ArchiveReader
from backups.models import Backup
from backups.networks.manifest import is_network
from containermonkey.problems import Invalid, TooLarge
from engine.names import shortened

LARGEST = 1 << 20
"""Bytes; such an archive holds a few KiB of text."""


def upload_network_backup(file: UploadedFile) -> Backup:
    """List an archive that came as a form's file, under its own name where that is free.

    Raise TooLarge, an ArchiveProblem unless it is a whole archive, and Invalid unless it is one
    of a network; then nothing of it is kept.
    """
    name = file.name or ""
    with audited("network.upload", name) as details:
        if (file.size or 0) > LARGEST:
            raise TooLarge("The backup of a network is never larger than 1 MiB.")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / (name if FILENAME.fullmatch(name) else "network.tar.gz")
            path.write_bytes(file.read())
            refuse_other_kinds(path, name)
            backup = adopt(path)
        details["filename"] = backup.filename
    return backup


def refuse_other_kinds(path: Path, name: str) -> None:
    with ArchiveReader(path) as archive:
        if not is_network(archive):
            raise Invalid(f"{shortened(name)} is a backup, but not that of a network.")

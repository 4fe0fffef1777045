"""Taking in the archive of a network that somebody brings."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from accounts.audit import audited
from backups.adoption import FILENAME, adopt
from backups.archive.reader import ArchiveReader
from backups.models import Backup
from backups.networks.manifest import is_network
from containermonkey.problems import Invalid, TooLarge
from engine.names import shortened

LARGEST = 1 << 20
"""Bytes; such an archive holds a few KiB of text."""


def upload_network_backup(name: str, pieces: Iterable[bytes]) -> Backup:
    """List an archive as it comes in, under its own name where that is free.

    Raise TooLarge, an ArchiveProblem unless it is a whole archive, and Invalid unless it is one
    of a network; then nothing of it is kept.
    """
    with audited("network.upload", name) as details, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (name if FILENAME.fullmatch(name) else "network.tar.gz")
        path.write_bytes(b"".join(bounded(pieces)))
        refuse_other_kinds(path, name)
        backup = adopt(path)
        details["filename"] = backup.filename
    return backup


def bounded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces. Raise TooLarge where they are more than any network's archive has."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LARGEST:
            raise TooLarge("The backup of a network is never larger than 1 MiB.")
        yield piece


def refuse_other_kinds(path: Path, name: str) -> None:
    with ArchiveReader(path) as archive:
        if not is_network(archive):
            raise Invalid(f"{shortened(name)} is a backup, but not that of a network.")

"""Having volumes travel in a chosen way."""

from typing import Any

import pytest
from docker import APIClient

from backups.archive.reader import ArchiveReader
from backups.files import archive_path
from backups.models import Backup
from tests.images import build_with_tar

WITH_TAR = "with-tar:1"


def take_the_way(
    way: str, docker: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Have what is needed for one way, `directory`, `helper` or `engine`, and not for a better."""
    if way != "directory":
        monkeypatch.setattr("backups.ways.works_here", lambda: False)
    if way == "helper":
        build_with_tar(docker, WITH_TAR)
        settings.HELPER_IMAGE = WITH_TAR


def ways_of(backup: Backup) -> set[str]:
    """How the sources of a backup traveled, as its manifest has it."""
    with ArchiveReader(archive_path(backup.filename)) as archive:
        return {source["transport"] for source in archive.manifest["sources"]}

"""Killed in the middle, a backup of a network is whole or nothing, and no network is lost."""

import os
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups.archive.verify import verify
from backups.archive.writer import ArchiveWriter
from backups.files import archive_path, remove_left_behind
from backups.models import Backup
from backups.networks import capture, restoring
from backups.networks.capture import back_up_network
from backups.networks.plan import NetworkOptions
from backups.networks.restoring import restore_network
from backups.scanning import request_scan
from engine import Docker
from tests.backups.conftest import finished
from tests.backups.killing import killed_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]


def put_in_order(data_dir: Path) -> list[Backup]:
    """What the next start does; the backups of which there are files then, which are all."""
    directory = data_dir / "backups"
    for left in directory.glob("*.partial"):
        os.utime(left, (0, 0))
    remove_left_behind()
    finished(request_scan())
    listed = list(Backup.objects.order_by("pk"))
    assert {path.name for path in directory.iterdir()} == {each.filename for each in listed}
    for each in listed:
        assert verify(archive_path(each.filename)).sha256 == each.sha256
    return listed


@pytest.mark.parametrize(
    ("owner", "step", "kept"),
    [
        (ArchiveWriter, "add_file", 0),
        (ArchiveWriter, "finish", 1),
        (capture, "verify", 1),
        (Backup, "save", 1),
    ],
)
def test_a_backup_is_listed_whole_or_not_at_all(shop, data_dir, tmp_path, owner, step, kept):
    killed_at(owner, step, lambda: back_up_network("shop"), tmp_path / "reached")
    assert [each.container_name for each in put_in_order(data_dir)] == ["shop"] * kept


@pytest.mark.parametrize(
    ("owner", "step"),
    [
        (restoring, "back_up_network"),
        (Docker, "remove_network"),
        (Docker, "create_network_from_body"),
    ],
)
def test_a_network_that_is_replaced_can_be_had_back(
    backup: Backup, docker: APIClient, data_dir: Path, tmp_path: Path, owner: Any, step: str
) -> None:
    docker.remove_network("shop")
    docker.create_network("shop", labels={"another": "one"})
    over = NetworkOptions(on_conflict="replace")

    def restore() -> Any:
        return restore_network(backup.filename, over)

    killed_at(owner, step, restore, tmp_path / "reached")

    saved, old = put_in_order(data_dir)
    assert saved == backup
    restore_network(old.filename, over)
    assert docker.inspect_network("shop")["Labels"] == {"another": "one"}


def test_a_scan_that_is_quicker_takes_nothing_away(shop, data_dir, monkeypatch):
    original = capture.saved_once

    def after_a_scan(backup: Backup) -> Backup:
        finished(request_scan())
        return original(backup)

    monkeypatch.setattr(capture, "saved_once", after_a_scan)
    backup = back_up_network("shop")
    assert put_in_order(data_dir) == [backup]

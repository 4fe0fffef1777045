"""Killed while an archive of the original is converted: it is listed once in the end, and stays."""

import os
from pathlib import Path
from typing import Any

import pytest

from backups import adoption, uploads
from backups.adoption import adopt
from backups.archive.verify import verify
from backups.archive.writer import ArchiveWriter
from backups.files import archive_path, remove_left_behind
from backups.models import Backup, Origin
from backups.original import convert
from backups.scanning import request_scan, scan_for_news
from backups.uploads import receive
from containermonkey.problems import NoSpace
from jobs.worker import recover
from tests.backups.conftest import SmallDisk, finished
from tests.backups.killing import killed_at
from tests.backups.original.making import SAMPLE, archive_of, gzipped, mount, parts_of, tar_of
from tests.backups.workers import do_next_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

STEPS = [
    (adoption, "place_for"),
    (convert, "write_description"),
    (convert, "write_data"),
    (ArchiveWriter, "finish"),
    (adoption, "record_of"),
    (Backup, "save"),
]


@pytest.fixture
def directory(data_dir: Path) -> Path:
    return data_dir / "backups"


def put_in_order(directory: Path) -> list[str]:
    """What the next start does; the names of all files then."""
    for left in directory.glob("*.partial"):
        os.utime(left, (0, 0))
    recover()
    remove_left_behind()
    finished(request_scan())
    return sorted(path.name for path in directory.iterdir())


def the_one() -> Backup:
    """The only backup that is listed, which is sound."""
    backup = Backup.objects.get()
    assert verify(archive_path(backup.filename)).sha256 == backup.sha256
    return backup


@pytest.mark.parametrize(("owner", "step"), STEPS)
def test_one_that_lies_among_the_backups_is_listed_once(
    directory: Path, tmp_path: Path, owner: Any, step: str
) -> None:
    lying = directory / SAMPLE.name
    lying.write_bytes(SAMPLE.read_bytes())
    request_scan()

    killed_at(owner, step, do_next_job, tmp_path / "reached")

    assert put_in_order(directory) == sorted([lying.name, the_one().filename])
    assert lying.read_bytes() == SAMPLE.read_bytes()
    assert scan_for_news() is None


@pytest.mark.parametrize(("owner", "step"), [*STEPS, (uploads, "converted")])
def test_one_that_is_uploaded_is_listed_once(
    directory: Path, tmp_path: Path, owner: Any, step: str
) -> None:
    def upload() -> Any:
        return receive(SAMPLE.name, [SAMPLE.read_bytes()])

    killed_at(owner, step, upload, tmp_path / "reached")

    assert put_in_order(directory) == [backup.filename for backup in Backup.objects.all()]
    was_there = Backup.objects.exists()
    assert upload().is_new is not was_there
    assert put_in_order(directory) == [the_one().filename]


def test_a_scan_that_is_quicker_takes_nothing_away(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, scans = adoption.record_of, []

    def before_a_scan(path: Path) -> Backup:
        backup = original(path)
        if not scans:
            scans.append(path)
            finished(request_scan())
        return backup

    monkeypatch.setattr(adoption, "record_of", before_a_scan)
    assert adopt(SAMPLE) == the_one()
    assert [path.name for path in directory.iterdir()] == [the_one().filename]


def test_one_whose_conversion_was_lost_is_converted_again() -> None:
    first = adopt(SAMPLE)
    archive_path(first.filename).unlink()
    again = adopt(SAMPLE)
    assert verify(archive_path(again.filename)).sha256 == again.sha256
    assert Backup.objects.count() == 2


# The disk


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """An archive of the original with 8 MiB that nothing makes smaller."""
    data = gzipped(tar_of({"large": os.urandom(8 << 20)}))
    parts = parts_of([mount("volume", "data", "/data")])
    return archive_of(tmp_path / "large.tar.gz", parts | {"volumes/data_data.tar.gz": data})


def test_a_full_disk_keeps_nothing_and_a_later_start_tries_again(
    directory: Path, small_disk: SmallDisk, large: Path
) -> None:
    small_disk(directory, 12)
    lying = directory / large.name
    lying.write_bytes(large.read_bytes())

    report = finished(request_scan()).result["report"]

    assert report == [f"{lying.name} was left alone: No space left on device"]
    assert list(directory.iterdir()) == [lying]
    assert not Backup.objects.exists()
    small_disk(directory, 40)
    (directory / large.name).write_bytes(large.read_bytes())
    finished(scan_for_news())
    assert the_one().origin == Origin.FOUND


def test_a_full_disk_is_said_to_who_uploads_and_nothing_stays(
    directory: Path, small_disk: SmallDisk, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MARGIN", 0)
    small_disk(directory, 12)
    with pytest.raises(NoSpace):
        receive(large.name, [large.read_bytes()])
    assert list(directory.iterdir()) == []
    assert not Backup.objects.exists()

"""A server that is killed in the middle of an upload lists nothing half done, and loses nothing."""

import contextlib
import os
import sqlite3
import time
from pathlib import Path

import pytest

from backups import uploads
from backups.archive.partial import PartialFile
from backups.archive.verify import verify
from backups.files import remove_left_behind
from backups.models import Backup
from backups.scanning import request_scan
from backups.uploads import receive
from jobs.worker import do_chores
from tests.backups.brought import of_container, write_archive
from tests.backups.conftest import finished
from tests.backups.killing import killed_at
from tests.backups.person import TAIL, Person
from tests.waiting import wait_for

STEPS = {
    "after backups.archive.partial:PartialFile.write": False,
    "before backups.uploads:listed": False,
    "after backups.adoption:verify": False,
    "after backups.archive.partial:PartialFile.commit": True,
}
"""Steps of an upload: while it arrives, before, in and after the check. Whether it stays then."""


def listed(site) -> dict[str, str]:
    """The names and sums of the backups that are listed."""
    with contextlib.closing(sqlite3.connect(site.database, timeout=20)) as database:
        return dict(database.execute("SELECT filename, sha256 FROM backups_backup").fetchall())


def files_of(site) -> list[str]:
    return sorted(path.name for path in (site.data_dir / "backups").iterdir())


def start(site, step: str = "", marker: Path = Path()) -> None:
    """Start the program, have it stand still at a step, and wait until it has looked around."""
    site.environment |= {"STAND_STILL": step, "STAND_STILL_MARKER": str(marker)}
    site.start()
    wait_for(lambda: site.running_jobs() == 0, "the scan to end")


def killed_while_it_takes_in(site, person: Person, path: Path, marker: Path) -> None:
    """Send a file to a server that is killed when it has got to its step."""
    with person.uploading(path.name, path.stat().st_size) as call:
        call.send(path.read_bytes() + TAIL)
        wait_for(marker.exists, "the step")
        site.kill()
    for left in (site.data_dir / "backups").glob("*.partial"):
        os.utime(left, (0, 0))  # as if some time had passed


def test_at_whatever_step_it_is_there_whole_or_not_at_all(make_site, tmp_path):
    site = make_site(DJANGO_SETTINGS_MODULE="tests.standing_still")
    person, kept = Person(site), []
    site.kill()
    for number, (step, stays) in enumerate(STEPS.items()):
        marker, name = tmp_path / f"step{number}", f"web{number}"
        brought = write_archive(tmp_path / f"{name}.tar.gz", of_container(name))
        start(site, step, marker)
        assert files_of(site) == sorted(listed(site)) == kept
        killed_while_it_takes_in(site, person, brought, marker)
        kept += [brought.name] * stays
    start(site)
    assert files_of(site) == sorted(listed(site)) == kept == ["web3.tar.gz"]
    path = site.data_dir / "backups" / "web3.tar.gz"
    assert listed(site) == {path.name: verify(path).sha256}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("owner", "step"), [(Path, "hardlink_to"), (PartialFile, "commit"), (Backup, "save")]
)
def test_once_it_has_its_name_it_is_not_lost(data_dir, tmp_path, owner, step):
    content = write_archive(tmp_path / "web.tar.gz").read_bytes()

    killed_at(owner, step, lambda: receive("web.tar.gz", [content]), tmp_path / "reached")

    for left in (data_dir / "backups").glob("*.partial"):
        os.utime(left, (0, 0))
    do_chores()
    finished(request_scan())
    assert Backup.objects.get().filename == "web.tar.gz"
    assert [path.read_bytes() for path in (data_dir / "backups").iterdir()] == [content]
    assert not receive("web.tar.gz", [content]).is_new


def test_what_another_process_left_goes_while_the_program_runs(data_dir, db):
    left, held = (data_dir / "backups" / f"{name}.tar.gz.partial" for name in ("left", "held"))
    left.write_text("half an archive")
    writing = PartialFile(held.with_suffix(""))
    for path in (left, held):
        os.utime(path, (0, 0))
    do_chores()
    assert list((data_dir / "backups").iterdir()) == [held]
    writing.discard()


@pytest.mark.django_db
def test_a_check_that_takes_long_loses_nothing(data_dir, tmp_path, monkeypatch):
    original = uploads.listed

    def after_an_hour(partial):
        os.utime(partial.partial, (0, 0))
        assert remove_left_behind() == []
        return original(partial)

    content = write_archive(tmp_path / "web.tar.gz").read_bytes()
    monkeypatch.setattr(uploads, "listed", after_an_hour)
    assert receive("web.tar.gz", [content]).is_new
    assert [path.read_bytes() for path in (data_dir / "backups").iterdir()] == [content]


def test_a_clock_that_was_set_back_keeps_nothing_that_was_left(data_dir):
    left = data_dir / "backups" / "left.tar.gz.partial"
    left.write_text("half an archive")
    in_a_year = time.time() + 365 * 86400
    os.utime(left, (in_a_year, in_a_year))
    assert remove_left_behind() == [left.name]

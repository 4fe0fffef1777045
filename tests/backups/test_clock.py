"""A clock that stands still, or is set back: nothing is overwritten, and nothing waits for it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts.models import User
from backups import capture
from backups.archive.verify import verify
from backups.files import archive_path
from backups.models import Backup, BulkDownload
from backups.services import delete_backup
from tests.arrange import ContainerMaker, run_in
from tests.backups.records import make_record
from tests.backups.steps import backed_up, restored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch):
    """Has backups be made at a chosen time."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(capture, "timezone", SimpleNamespace(now=lambda: moment))

    return set_to


def test_backups_of_the_same_second_and_of_an_earlier_one_all_stay(
    docker, make_container: ContainerMaker, data_dir: Path, set_clock
) -> None:
    make_container("web", host={"binds": ["data:/data"]})
    made: list[Backup] = []
    for number, moment in enumerate([MOMENT, MOMENT, MOMENT - timedelta(days=400), MOMENT]):
        run_in(docker, "web", "sh", "-c", f"echo {number} > /data/file")
        set_clock(moment)
        made.append(backed_up("web"))

    assert [backup.filename for backup in made] == [
        "web_20260102_030405.tar.gz",
        "web_20260102_030405-2.tar.gz",
        "web_20241128_030405.tar.gz",
        "web_20260102_030405-3.tar.gz",
    ]
    for backup in made:
        assert verify(archive_path(backup.filename)).sha256 == backup.sha256
    restored(made[0], on_conflict="replace", overwrite_volumes=True)
    assert run_in(docker, "web", "cat", "/data/file") == "0\n"


@pytest.mark.usefixtures("data_dir")
def test_a_download_under_another_clock_does_not_keep_a_backup_for_ever(admin: User) -> None:
    backup = make_record()
    in_a_year = timezone.now() + timedelta(days=365)
    entries = [[backup.filename, backup.size, 0]]
    BulkDownload.objects.create(user=admin, entries=entries, read_at=in_a_year)
    delete_backup(backup.filename)
    assert not Backup.objects.exists()

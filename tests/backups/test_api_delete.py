"""DELETE /api/backup/<filename>"""

import pytest

from backups.models import Backup
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.backups.records import make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive(data_dir) -> Backup:
    record = make_record()
    (data_dir / "backups" / record.filename).write_bytes(b"archive")
    return record


def test_file_and_record_go(client, archive, data_dir):
    other = make_record("other")
    (data_dir / "backups" / other.filename).write_bytes(b"archive")

    answer = client.delete(f"/api/backup/{archive.filename}")

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert list(Backup.objects.all()) == [other]
    assert [path.name for path in (data_dir / "backups").iterdir()] == [other.filename]


def test_a_second_time_there_is_nothing_to_delete(admin_client, archive):
    address = f"/api/backup/{archive.filename}"
    admin_client.delete(address)
    answer = admin_client.delete(address)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_is_no_backup_is_left_alone(admin_client, data_dir, name):
    stranger = data_dir / "backups" / "nothing"
    stranger.write_text("somebody's own file")
    answer = admin_client.delete(f"/api/backup/{quoted(name)}")
    assert answer.status_code == 404
    assert stranger.exists()


def test_a_stranger_is_refused(stranger_client, archive):
    assert stranger_client.delete(f"/api/backup/{archive.filename}").status_code == 401
    assert Backup.objects.exists()

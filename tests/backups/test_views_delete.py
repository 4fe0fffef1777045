"""/backups/<filename>/delete/"""

import pytest

from backups.models import Backup
from jobs.models import Job, Kind, Status
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.backups.pages import links_of, tags_of, text_of
from tests.backups.records import make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive(data_dir) -> Backup:
    record = make_record()
    (data_dir / "backups" / record.filename).write_bytes(b"archive")
    return record


def address(backup) -> str:
    return f"/backups/{backup.filename}/delete/"


def test_it_asks_first_and_says_what_is_lost(client, archive):
    response = client.get(address(archive))
    assert "Delete this backup of web?" in text_of(response)
    assert f"/backups/{archive.filename}/" in links_of(response)
    assert Backup.objects.exists()


def test_in_a_dialog_it_is_a_fragment(admin_client, archive):
    response = admin_client.get(address(archive), headers={"HX-Request": "true"})
    assert not tags_of(response, "html")
    assert tags_of(response, "form", action=address(archive))


def test_file_and_record_go(client, archive, data_dir):
    response = client.post(address(archive))
    assert (response.status_code, response["Location"]) == (302, "/backups/")
    assert f"Deleted the backup {archive.filename}." in text_of(client.get("/backups/"))
    assert not Backup.objects.exists()
    assert not list((data_dir / "backups").iterdir())


def test_one_that_is_being_restored_stays(admin_client, archive, data_dir):
    Job.objects.create(
        kind=Kind.RESTORE,
        subject="web",
        status=Status.RUNNING,
        arguments={"filename": archive.filename},
    )
    response = admin_client.post(address(archive))
    assert response.status_code == 409
    assert "is being restored" in text_of(response)
    assert (data_dir / "backups" / archive.filename).exists()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_is_no_backup_is_not_there(admin_client, name, method):
    response = getattr(admin_client, method)(f"/backups/{quoted(name)}/delete/")
    assert response.status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_sign_in(stranger_client, archive, method):
    response = getattr(stranger_client, method)(address(archive))
    assert response.status_code == 302
    assert Backup.objects.exists()

"""DELETE /api/backups/delete-all"""

import errno
import os
from pathlib import Path

import pytest

from accounts.models import AuditEntry
from backups.models import Backup
from jobs.models import Job, Kind, Status
from tests.backups.records import make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def archives(data_dir) -> list[Backup]:
    made = [make_record(name) for name in ("web", "db", "cache")]
    for record in made:
        (data_dir / "backups" / record.filename).write_bytes(b"archive")
    return made


def delete_all(client, **body):
    return client.delete("/api/backups/delete-all", body, content_type="application/json")


def names_in(data_dir) -> set[str]:
    return {path.name for path in (data_dir / "backups").iterdir()}


def test_all_go_and_nothing_else_does(client, archives, data_dir):
    (data_dir / "backups" / "notes.txt").write_text("somebody's own file")
    (data_dir / "backups" / "unlisted.tar.gz").write_text("an archive that is not listed")
    answer = delete_all(client, confirm=True)
    assert answer.json() == {"deleted": [each.filename for each in archives], "failed": []}
    assert names_in(data_dir) == {"notes.txt", "unlisted.tar.gz"}
    assert AuditEntry.objects.filter(action="backup.delete").count() == 3


@pytest.mark.parametrize("body", [{}, {"confirm": False}, {"confirm": True, "more": 1}])
def test_it_has_to_be_confirmed(admin_client, archives, body):
    answer = delete_all(admin_client, **body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert Backup.objects.count() == 3


@pytest.mark.parametrize("kind", [Kind.RESTORE, Kind.VERIFY])
def test_one_that_is_being_read_stays(admin_client, archives, data_dir, kind):
    kept = archives[1].filename
    arguments = {"filename": kept}
    Job.objects.create(kind=kind, subject="db", status=Status.RUNNING, arguments=arguments)
    answer = delete_all(admin_client, confirm=True).json()
    assert [each["filename"] for each in answer["failed"]] == [kept]
    assert len(answer["deleted"]) == 2
    assert names_in(data_dir) == {kept}


def test_one_that_the_disk_refuses_stays_listed(admin_client, archives, monkeypatch):
    unlink = Path.unlink

    def refuse(path, **options):
        if path.name == archives[0].filename:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        unlink(path, **options)

    monkeypatch.setattr(Path, "unlink", refuse)
    answer = delete_all(admin_client, confirm=True).json()
    assert len(answer["deleted"]) == 2
    assert "Read-only file system" in answer["failed"][0]["error"]
    assert Backup.objects.get() == archives[0]


def test_one_that_is_killed_in_between_is_shown_as_gone(admin_client, archives, data_dir):
    """As a kill leaves it between the file and the row: the list says so, and it can be ended."""
    (data_dir / "backups" / archives[0].filename).unlink()
    told = {
        each["filename"]: each["file"]
        for each in admin_client.get("/api/backups").json()["backups"]
    }
    assert told[archives[0].filename] == "missing"
    assert len(delete_all(admin_client, confirm=True).json()["deleted"]) == 3
    assert not Backup.objects.exists()


def test_a_stranger_is_refused(stranger_client, archives):
    assert delete_all(stranger_client, confirm=True).status_code == 401
    assert Backup.objects.count() == 3

"""Where the alarm of a backup that is much smaller is shown, and taken note of"""

import pytest
from django.contrib.auth import get_user_model

from accounts.models import AuditEntry
from backups.models import Backup
from jobs.models import Job
from tests.backups.pages import text_of
from tests.backups.records import make_record
from tests.backups.steps import volume_path

pytestmark = pytest.mark.django_db


def test_the_list_of_backups_says_it_on_top_and_beside_it(client):
    make_record("db", usual_size=10**8)
    make_record("web", 1)
    words = text_of(client.get("/backups/"))
    assert "Suddenly much smaller db: a backup holds less than half" in words
    assert words.count("Much smaller") == 1


def test_without_one_nothing_is_said(admin_client):
    make_record("web")
    assert "smaller" not in text_of(admin_client.get("/backups/")).lower()


def test_a_backup_by_hand_alarms_too_until_it_is_noted(client, docker, web, make_backup):
    file = volume_path(docker, "web_data") / "large"
    file.write_bytes(b"x" * 500_000)
    make_backup("web")
    file.unlink()
    backup = make_backup("web")
    address = f"/backups/{backup.filename}/"
    sentence = "It holds 8 B of data; the backups before it held about 488 KiB."
    assert sentence in text_of(client.get(address))
    found = client.get("/api/backups").json()["backups"][0]
    assert found["alarm"] == sentence
    response = client.post(f"{address}seen-smaller/")
    assert response["Location"] == address
    assert sentence not in text_of(client.get(address))
    assert AuditEntry.objects.filter(action="backup.alarm_seen", target=backup.filename).exists()
    assert make_backup("web").usual_size is None


def test_by_json_it_is_noted_too(client):
    backup = make_record(usual_size=10**8)
    address = f"/api/backup/{backup.filename}/seen-smaller"
    assert client.get("/api/backups").json()["backups"][0]["alarm"]
    answer = client.post(address, content_type="application/json")
    assert (answer.status_code, answer.json()["alarm"]) == (200, None)
    missing = client.post("/api/backup/x.tar.gz/seen-smaller", content_type="application/json")
    assert missing.status_code == 404


def test_a_stranger_notes_nothing(stranger_client):
    backup = make_record(usual_size=10**8)
    response = stranger_client.post(f"/backups/{backup.filename}/seen-smaller/")
    assert response["Location"].startswith("/accounts/sign-in/")
    assert not Backup.objects.filter(seen_smaller=True).exists()


def test_its_page_tells_which_schedule_made_it(admin_client, web, data_dir, schedule, make_backup):
    backup = make_backup("web")
    assert "Somebody, by hand" in text_of(admin_client.get(f"/backups/{backup.filename}/"))
    Job.objects.update(requested_by=get_user_model().objects.get())
    assert "Asked for by ada" in text_of(admin_client.get(f"/backups/{backup.filename}/"))
    Backup.objects.update(schedule=schedule)
    assert "The schedule nightly" in text_of(admin_client.get(f"/backups/{backup.filename}/"))

"""Scanning the backup directory: the job, the button, the command, and the start of the program."""

import contextlib
import os
import sqlite3

import pytest
from django.core.management import call_command

from accounts.models import AuditEntry
from backups.models import Backup
from backups.scanning import forget_missing, request_scan, scan_for_news, survey
from jobs.models import Job, Kind, Status
from jobs.worker import run_next
from tests.backups.brought import of_container, write_archive
from tests.backups.conftest import finished
from tests.backups.original.making import SAMPLE
from tests.backups.pages import text_of
from tests.backups.records import make_record
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def directory(data_dir, engine):
    return data_dir / "backups"


def scanned() -> list[str]:
    return finished(request_scan()).result["report"]


def test_archives_that_lie_there_are_taken_in(directory):
    write_archive(directory / "web.tar.gz")
    write_archive(directory / "db.tar.gz", of_container("db"))
    assert scanned() == [
        "db.tar.gz has been taken in, a backup of db.",
        "web.tar.gz has been taken in, a backup of web.",
    ]
    assert {backup.origin for backup in Backup.objects.all()} == {"found"}
    assert scanned() == ["Everything is as it is listed."]


def test_what_is_foreign_or_broken_is_left_as_it_is(directory, tmp_path):
    (directory / "notes.txt").write_text("notes")
    (directory / "photos.tar.gz").write_text("another program's")
    (directory / "web.tar.gz.partial").write_text("being written")
    (directory / "folder.tar.gz").mkdir()
    cut = write_archive(directory / "cut.tar.gz")
    cut.write_bytes(cut.read_bytes()[:-40])
    outside = write_archive(tmp_path / "outside.tar.gz")
    (directory / "link.tar.gz").symlink_to(outside)
    (directory / "dangling.tar.gz").symlink_to("nowhere")
    before = sorted(path.name for path in directory.iterdir())
    report = scanned()
    assert [line.split(" was ")[0] for line in report] == ["cut.tar.gz", "photos.tar.gz"]
    assert not Backup.objects.exists()
    assert sorted(path.name for path in directory.iterdir()) == before


def test_a_copy_of_one_that_is_listed_is_named_and_stays(directory):
    write_archive(directory / "web.tar.gz")
    scanned()
    (directory / "copy.tar.gz").write_bytes((directory / "web.tar.gz").read_bytes())
    assert scanned() == ["copy.tar.gz was left alone: it is the same as web.tar.gz."]
    assert Backup.objects.count() == 1


def test_one_of_the_original_is_taken_in_once_and_said_under_which_name(directory):
    (directory / "old.tar.gz").write_bytes(SAMPLE.read_bytes())
    listed_as = "sample-web_20261123_143237.tar.gz"
    said = [f"old.tar.gz is of the original Container Monkey; listed as {listed_as}."]
    assert scanned() == said
    assert Backup.objects.get().filename == listed_as
    assert AuditEntry.objects.get(action="backup.convert").target == "old.tar.gz"
    assert scanned() == said
    assert scan_for_news() is None
    assert Backup.objects.count() == 1
    assert sorted(path.name for path in directory.iterdir()) == ["old.tar.gz", listed_as]


def test_what_is_gone_or_changed_is_said_and_stays_listed(directory):
    make_record("gone")
    changed = make_record("changed")
    (directory / changed.filename).write_text("another size")
    report = scanned()
    assert report[0].startswith("gone_") and report[0].endswith("its file is gone.")
    assert report[1].startswith("changed_")
    assert Backup.objects.count() == 2


def test_it_can_be_cancelled_between_two_files(directory):
    write_archive(directory / "web.tar.gz")
    job = request_scan()
    job.cancel_requested = True
    job.save()
    assert run_next()
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    assert not Backup.objects.exists()


def test_a_second_one_is_not_put_behind_the_first(directory):
    assert request_scan() == request_scan()
    assert Job.objects.filter(kind=Kind.SCAN).count() == 1


def test_the_start_looks_only_at_what_is_new(directory):
    assert scan_for_news() is None
    photos = directory / "photos.tar.gz"
    photos.write_text("another program's")
    finished(scan_for_news())
    assert scan_for_news() is None
    photos.write_text("another program's, changed")
    assert scan_for_news() is not None


def test_the_program_takes_them_in_when_it_starts(make_site, tmp_path):
    site = make_site()
    site.stop()
    write_archive(site.data_dir / "backups" / "web.tar.gz")
    left = site.data_dir / "backups" / "left.tar.gz.partial"
    left.write_text("half an archive")
    os.utime(left, (0, 0))
    site.start()
    assert not left.exists()
    wait_for(lambda: "web.tar.gz" in listed(site), "it to be listed")


def listed(site) -> str:
    with contextlib.closing(sqlite3.connect(site.database, timeout=20)) as database:
        return str(database.execute("SELECT filename FROM backups_backup").fetchall())


def test_the_button_puts_it_into_the_queue(client, directory):
    response = client.post("/backups/scan/")
    job = Job.objects.get(kind=Kind.SCAN)
    assert response["Location"] == f"/jobs/{job.progress_id}/"
    assert job.requested_by.username in {"ada", "otto"}
    write_archive(directory / "web.tar.gz")
    finished(job)
    assert "web.tar.gz has been taken in" in text_of(client.get(response["Location"]))


def test_the_command_says_what_it_found(directory, capsys):
    write_archive(directory / "web.tar.gz")
    call_command("scan_backups")
    assert "web.tar.gz has been taken in, a backup of web." in capsys.readouterr().out


def test_forgetting_takes_only_those_off_whose_files_are_gone(client, directory):
    gone, there = make_record("gone"), make_record("there")
    (directory / there.filename).write_text("archive")
    page = client.get("/backups/")
    assert "The file of one backup is gone" in text_of(page)
    assert gone.filename in text_of(client.get("/backups/forget/"))
    assert Backup.objects.count() == 2
    client.post("/backups/forget/")
    assert Backup.objects.get() == there
    assert "is gone" not in text_of(client.get("/backups/"))


def test_by_json_the_same_can_be_asked(client, directory):
    gone = make_record("gone")
    answer = client.post("/api/backups/scan", content_type="application/json")
    job = Job.objects.get(kind=Kind.SCAN)
    assert (answer.status_code, answer.json()["progress_id"]) == (202, str(job.progress_id))
    answer = client.post("/api/backups/forget-missing", content_type="application/json")
    assert answer.json() == {"forgotten": [gone.filename]}
    assert not Backup.objects.exists()


def test_where_the_disk_is_not_mounted_nothing_is_forgotten(admin_client, directory):
    make_record("web")
    directory.rmdir()
    assert admin_client.post("/backups/forget/").status_code == 409
    answer = admin_client.post("/api/backups/forget-missing", content_type="application/json")
    assert answer.status_code == 409
    assert admin_client.post("/backups/scan/").status_code == 302
    assert "The directory for backups is not there" in text_of(admin_client.get("/backups/"))
    assert Backup.objects.count() == 1


def test_a_survey_costs_one_query(directory, django_assert_num_queries):
    for age in range(30):
        make_record(f"web{age}", age=age)
    with django_assert_num_queries(1):
        assert len(survey().missing) == 30
    assert len(forget_missing()) == 30


@pytest.mark.parametrize("address", ["/backups/scan/", "/backups/forget/"])
def test_a_stranger_is_sent_to_sign_in(stranger_client, directory, address):
    make_record("web")
    assert stranger_client.post(address)["Location"].startswith("/accounts/sign-in/")
    assert Backup.objects.exists()
    assert not Job.objects.exists()

"""Asking for the check of a backup: page, JSON and manage.py verify_backups"""

import pytest
from django.core.management import CommandError

from jobs.models import Job, Kind
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.backups.pages import tags_of, text_of
from tests.backups.records import make_record
from tests.backups.test_commands import Said

pytestmark = pytest.mark.django_db
JSON = "application/json"


def checks() -> list[str]:
    return [job.arguments["filename"] for job in Job.objects.filter(kind=Kind.VERIFY)]


# JSON


def test_a_check_is_put_into_the_queue(client):
    backup = make_record()
    answer = client.post(f"/api/backup/{backup.filename}/verify", content_type=JSON)
    assert answer.status_code == 202
    assert answer.json()["progress_id"] == str(Job.objects.get().progress_id)
    assert answer.json()["status"] == "queued"
    assert checks() == [backup.filename]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_is_no_backup_is_not_there(admin_client, name):
    assert (
        admin_client.post(f"/api/backup/{quoted(name)}/verify", content_type=JSON).status_code
        == 404
    )
    assert admin_client.post(f"/backups/{quoted(name)}/verify/").status_code == 404
    assert checks() == []


def test_a_stranger_is_refused(stranger_client):
    backup = make_record()
    assert (
        stranger_client.post(f"/api/backup/{backup.filename}/verify", content_type=JSON).status_code
        == 401
    )
    assert stranger_client.post(f"/backups/{backup.filename}/verify/").status_code == 302
    assert checks() == []


# Pages


def test_the_button_leads_to_the_job(client):
    backup = make_record()
    answer = client.post(f"/backups/{backup.filename}/verify/")
    assert answer["Location"] == f"/jobs/{Job.objects.get().progress_id}/"
    assert checks() == [backup.filename]
    assert client.get(f"/backups/{backup.filename}/verify/").status_code == 405


def test_the_page_of_a_backup_offers_it(client, backup):
    page = client.get(f"/backups/{backup.filename}/")
    assert tags_of(page, "form", action=f"/backups/{backup.filename}/verify/")
    assert "Last found whole just now" in text_of(page)


def test_a_damaged_backup_is_called_so_in_the_list(client, data_dir):
    backup = make_record(verified=False, problem="A <b>bit</b> has changed.", size=7)
    (data_dir / "backups" / backup.filename).write_bytes(b"damaged")
    page = client.get("/backups/")
    assert "Damaged A <b>bit</b> has changed." in text_of(page)
    assert b"<b>bit" not in page.content


@pytest.mark.parametrize("content", [None, b"", b"somebody else's"])
def test_one_that_cannot_be_opened_still_has_its_page(client, data_dir, content):
    backup = make_record(verified=False, problem="The file of this backup is gone.")
    if content is not None:
        (data_dir / "backups" / backup.filename).write_bytes(content)
    page = client.get(f"/backups/{backup.filename}/")
    assert page.status_code == 200
    words = text_of(page)
    assert "Do not rely on this backup The file of this backup is gone." in words
    assert backup.sha256 in words
    assert tags_of(page, "a", href=f"/backups/{backup.filename}/delete/")
    assert not tags_of(page, "a", href=f"/backups/{backup.filename}/restore/")


def test_one_that_was_gone_and_is_back_is_to_be_checked(client, data_dir):
    gone = "The file of this backup is gone."
    backup = make_record(verified=False, problem=gone, size=7)
    (data_dir / "backups" / backup.filename).write_bytes(b"is back")
    assert client.get("/api/backups").json()["backups"][0]["problem"] == ""
    listed = text_of(client.get("/backups/"))
    assert "Not checked" in listed
    assert "Damaged" not in listed
    page = text_of(client.get(f"/backups/{backup.filename}/"))
    assert "It has to be checked" in page
    assert gone not in page
    (data_dir / "backups" / backup.filename).write_bytes(b"another")
    assert client.get("/api/backups").json()["backups"][0]["problem"] == ""
    (data_dir / "backups" / backup.filename).write_bytes(b"of another size")
    assert client.get("/api/backups").json()["backups"][0]["problem"] == gone


def test_json_tells_when_and_why(client):
    make_record(verified=False, problem="It is damaged.")
    found = client.get("/api/backups").json()["backups"][0]
    assert (found["verified"], found["verified_at"]) == (False, None)
    assert found["problem"] == "It is damaged."


# manage.py verify_backups


def test_all_are_checked_and_one_that_is_damaged_is_the_exit_status(
    engine, make_container, make_backup, data_dir
):
    make_container("web", start=False)
    make_container("db", start=False)
    good, bad = make_backup("web"), make_backup("db")
    assert Said("verify_backups", "--all").status == 0
    (data_dir / "backups" / bad.filename).write_bytes(b"")
    said = Said("verify_backups", good.filename, bad.filename, "nothing")
    assert said.status == 1
    assert f"web: complete, {good.filename}" in said.out
    assert "db: " in said.err
    assert "nothing: There is no backup named" in said.err
    assert Said("verify_backups", "--all").status == 1


def test_those_checked_lately_are_left_out(engine, make_container, make_backup):
    make_container("web", start=False)
    make_backup("web")
    Job.objects.all().delete()
    assert Said("verify_backups", "--older-than", "1").status == 0
    assert checks() == []
    assert Said("verify_backups", "--older-than", "0").status == 0
    assert len(checks()) == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["x", "--all"], ["--all", "--older-than", "1"], ["--older-than", "soon"]],
)
def test_what_is_to_be_checked_has_to_be_clear(db, arguments):
    with pytest.raises(CommandError):
        Said("verify_backups", *arguments)

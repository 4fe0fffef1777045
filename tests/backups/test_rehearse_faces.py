"""Asking for a rehearsal: page, JSON and manage.py rehearse_backups"""

import pytest

from backups import rehearsal
from jobs.models import Job, Kind
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.backups.pages import tags_of, text_of
from tests.backups.records import make_record
from tests.backups.test_commands import Said

pytestmark = pytest.mark.django_db
JSON = "application/json"


def rehearsals() -> list[str]:
    return [job.arguments["filename"] for job in Job.objects.filter(kind=Kind.REHEARSAL)]


def asked(client, filename: str, **body):
    return client.post(f"/api/backup/{filename}/rehearse", body, content_type=JSON)


# JSON


def test_a_rehearsal_is_put_into_the_queue(client, backup):
    answer = asked(client, backup.filename)
    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"
    assert rehearsals() == [backup.filename]


def test_a_dry_run_says_what_would_be_done(client, backup):
    answer = asked(client, backup.filename, dry_run=True)
    assert answer.status_code == 200
    plan = " ".join(answer.json()["plan"])
    assert answer.json()["conflicts"] == []
    for words in (
        "Fill a throw-away volume with the content of the volume web_data.",
        "Create a network without a way out",
        "Its ports are not published.",
        "Remove all of it again.",
        "a container that needs other services or the internet may fail",
    ):
        assert words in plan
    assert rehearsals() == []


def test_an_image_that_cannot_be_had_is_a_conflict(
    admin_client, docker, make_container, make_backup
):
    docker.commit(make_container("base"), "local/app", "1")
    made = make_container("app", image="local/app:1", start=False)
    backup = make_backup("app")
    docker.remove_container(made)
    docker.remove_image("local/app:1")
    answer = asked(admin_client, backup.filename)
    assert answer.status_code == 409
    assert answer.json()["conflicts"][0]["kind"] == "image"
    page = admin_client.get(f"/backups/{backup.filename}/rehearse/")
    assert "In the way" in text_of(page)
    assert not tags_of(page, "button", form="dialog-form")
    assert rehearsals() == []


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_is_no_backup_is_not_there(admin_client, name):
    assert asked(admin_client, quoted(name)).status_code == 404
    for method in ("get", "post"):
        page = getattr(admin_client, method)(f"/backups/{quoted(name)}/rehearse/")
        assert page.status_code == 404
    assert rehearsals() == []


def test_one_of_a_network_is_refused(admin_client):
    assert asked(admin_client, make_record(kind="network").filename).status_code == 409


def test_a_wrong_option_is_named(admin_client, backup):
    answer = asked(admin_client, backup.filename, dry="yes")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_stranger_is_refused(stranger_client):
    backup = make_record()
    assert asked(stranger_client, backup.filename).status_code == 401
    assert stranger_client.post(f"/backups/{backup.filename}/rehearse/").status_code == 302
    assert rehearsals() == []


# Pages


def test_the_page_shows_the_plan_first(client, backup):
    page = client.get(f"/backups/{backup.filename}/rehearse/")
    assert "Rehearse web?" in text_of(page)
    assert "Remove all of it again." in text_of(page)
    assert rehearsals() == []
    answer = client.post(f"/backups/{backup.filename}/rehearse/")
    assert answer["Location"] == f"/jobs/{Job.objects.latest('pk').progress_id}/"
    assert rehearsals() == [backup.filename]


def test_the_page_of_a_backup_tells_when_it_was_proved(client, backup):
    words = text_of(client.get(f"/backups/{backup.filename}/"))
    assert "Last proved Never" in words
    backup.proved_at, backup.proof = backup.created, "It was healthy after <b>3</b> s."
    backup.rehearsal_problem = "The container ended at once."
    backup.save()
    page = client.get(f"/backups/{backup.filename}/")
    words = text_of(page)
    assert "It was healthy after <b>3</b> s." in words
    assert "The last rehearsal failed The container ended at once." in words
    assert tags_of(page, "a", href=f"/backups/{backup.filename}/rehearse/")
    found = client.get("/api/backups").json()["backups"][0]
    assert found["proof"] == "It was healthy after <b>3</b> s."
    assert found["proved_at"].endswith("Z")
    assert found["rehearsal_problem"] == "The container ended at once."


# manage.py rehearse_backups


def test_the_command_rehearses_and_says_what_came_of_it(backup, monkeypatch):
    monkeypatch.setattr(rehearsal, "STAY_UP_SECONDS", 1.5)
    said = Said("rehearse_backups", backup.filename)
    assert (said.status, said.err) == (0, "")
    assert "web: It stayed up for" in said.out
    backup.refresh_from_db()
    assert backup.proved_at


def test_the_command_can_only_say(backup):
    said = Said("rehearse_backups", backup.filename, "--dry-run")
    assert said.status == 0
    assert "Remove all of it again." in said.out
    assert rehearsals() == []


def test_one_that_is_not_there_is_the_exit_status(engine, db, data_dir):
    said = Said("rehearse_backups", "nothing")
    assert said.status == 1
    assert "nothing: There is no backup named" in said.err

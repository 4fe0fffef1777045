"""/backups/<filename>/put-back/ and POST /api/backup/<filename>/put-back"""

import pytest

from backups.models import Backup
from backups.put_back import request_put_back
from jobs.models import Job, Kind, Status
from tests.arrange import run_in
from tests.backups.conftest import finished
from tests.backups.pages import tags_of, text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def path(backup: Backup) -> str:
    return f"/{backup.metadata['volumes'][0]['key']}/folder/second"


def test_it_says_first_what_is_replaced_and_who_uses_it(client, backup, path):
    answer = client.get(f"/backups/{backup.filename}/put-back/", {"path": path})
    words = text_of(answer)
    assert "Put folder/second back?" in words
    assert "There is one already" in words
    assert "Running and using it: web." in words
    assert not Job.objects.filter(kind=Kind.PUT_BACK).exists()


def test_the_form_puts_it_back(client, backup, path, docker, web):
    run_in(docker, web, "sh", "-c", "echo other > /data/folder/second")
    address = f"/backups/{backup.filename}/put-back/"
    answer = client.post(address, {"path": path, "where": "replace"})
    job = Job.objects.get(kind=Kind.PUT_BACK)
    assert answer["Location"] == f"/jobs/{job.progress_id}/"
    finished(job)
    assert run_in(docker, web, "cat", "/data/folder/second") == "two\n"
    assert "It is back" in text_of(client.get(answer["Location"]))


def test_a_wrong_choice_is_said_beside_it(client, backup, path):
    address = f"/backups/{backup.filename}/put-back/"
    answer = client.post(address, {"path": path, "where": "elsewhere"})
    assert answer.status_code == 422
    assert not Job.objects.filter(kind=Kind.PUT_BACK).exists()


def test_a_dry_run_is_the_plan(client, backup, path):
    answer = client.post(
        f"/api/backup/{backup.filename}/put-back",
        {"path": path, "dry_run": True},
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert answer.json() == {
        "container_name": "web",
        "title": "web_data",
        "path": "folder/second",
        "size": 4,
        "is_folder": False,
        "beside": False,
        "replaces": True,
        "running": ["web"],
    }


def test_the_api_puts_it_beside(client, backup, path, docker, web):
    answer = client.post(
        f"/api/backup/{backup.filename}/put-back",
        {"path": path, "beside": True},
        content_type="application/json",
    )
    assert answer.status_code == 202
    finished(Job.objects.get(progress_id=answer.json()["progress_id"]))
    assert "second.from-" in run_in(docker, web, "ls", "/data/folder")


@pytest.mark.parametrize(("path", "status"), [("/nothing/here", 404), ("/", 400), ("", 400)])
def test_what_cannot_be_put_back_is_said(client, backup, path, status):
    answer = client.post(
        f"/api/backup/{backup.filename}/put-back", {"path": path}, content_type="application/json"
    )
    assert answer.status_code == status
    page = client.get(f"/backups/{backup.filename}/put-back/", {"path": path})
    assert page.status_code == status


def test_a_stranger_is_asked_to_sign_in(stranger_client, backup, path):
    assert stranger_client.get(f"/backups/{backup.filename}/put-back/").status_code == 302


def test_one_that_failed_is_run_again_from_its_job(client, backup, path):
    job = request_put_back(backup.filename, path, beside=True)
    Job.objects.update(status=Status.FAILED)
    client.post(f"/jobs/{job.progress_id}/run-again/")
    again = Job.objects.latest("pk")
    assert again.pk != job.pk
    assert (again.kind, again.arguments) == (job.kind, job.arguments)


def test_to_operators_it_is_offered_beside_what_is_there(operator_client, backup, path):
    address = f"/backups/{backup.filename}/put-back/"
    page = operator_client.get(address, {"path": path})
    replace, beside = tags_of(page, "input", type="radio", name="where")
    assert "disabled" in replace and "checked" not in replace
    assert "checked" in beside and "disabled" not in beside
    assert "This takes the right to restore over" in text_of(page)
    assert operator_client.post(address, {"path": path, "where": "replace"}).status_code == 403
    assert operator_client.post(address, {"path": path, "where": "beside"}).status_code == 302

"""POST /api/backup/<container_id>"""

import pytest

from backups.models import Backup
from jobs.models import Job, Status
from jobs.worker import run_next
from tests.backups.odd_names import ODD_NAMES, quoted

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("query", ["", "?queue=true", "?queue=false"])
def test_every_backup_goes_through_the_queue(client, data_dir, web, query):
    answer = client.generic("POST", f"/api/backup/web{query}")

    assert answer.status_code == 202
    job = Job.objects.get()
    assert answer.json() == {
        "success": True,
        "progress_id": str(job.progress_id),
        "status": "queued",
    }
    assert run_next()
    job.refresh_from_db()
    assert (job.status, job.error) == (Status.COMPLETE, "")
    assert Backup.objects.get().filename == job.result["filename"]


def test_a_program_that_asks_twice_has_two_and_a_double_click_one(client, data_dir, web):
    first, second = (client.generic("POST", "/api/backup/web").json() for _ in range(2))
    assert first["progress_id"] != second["progress_id"]
    page = client.post("/backups/create/web/", {"consistency": "none"})
    assert page["Location"] == f"/jobs/{first['progress_id']}/"
    assert Job.objects.count() == 2


def test_it_remembers_who_asked(admin_client, admin, data_dir, web):
    admin_client.generic("POST", f"/api/backup/{web}")
    assert Job.objects.get().requested_by == admin


def test_options_reach_the_archive(admin_client, data_dir, web):
    body = {"consistency": "pause", "include_image": True, "include_bind_mounts": True}
    answer = admin_client.post("/api/backup/web", body, content_type="application/json")
    assert answer.status_code == 202
    assert run_next()
    assert Backup.objects.get().metadata["image_included"] is True
    assert Job.objects.get().arguments["options"] == body


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"consistency": "sometimes"}, "consistency"),
        ({"include_image": "perhaps"}, "include_image"),
        ({"include_images": True}, "include_images"),
    ],
)
def test_wrong_options_are_named(admin_client, web, body, field):
    answer = admin_client.post("/api/backup/web", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert field in answer.json()["fields"]
    assert not Job.objects.exists()


@pytest.mark.parametrize("body", ["{", "[]", "7", '"text"', "[" * 100_000, '{"consistency": NaN}'])
def test_a_body_that_is_no_object_is_refused(admin_client, web, body):
    answer = admin_client.post("/api/backup/web", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"


def test_a_null_body_asks_for_nothing_special(admin_client, web):
    answer = admin_client.post("/api/backup/web", "null", content_type="application/json")
    assert answer.status_code == 202


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_cannot_exist_is_not_there(admin_client, engine, name):
    answer = admin_client.generic("POST", f"/api/backup/{quoted(name)}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert not Job.objects.exists()


def test_a_container_may_be_named_status(admin_client, make_container):
    make_container("status", start=False)
    assert admin_client.generic("POST", "/api/backup/status").status_code == 202
    assert Job.objects.get().subject == "status"
    assert admin_client.get("/api/backup/status").json()["queue_size"] == 1


def test_this_program_itself_is_refused_and_told_why(admin_client, make_container):
    make_container("monkey", labels={"containermonkey.self": "1"}, start=False)
    answer = admin_client.generic("POST", "/api/backup/monkey")
    assert answer.status_code == 409
    assert "itself" in answer.json()["error"]
    assert not Job.objects.exists()


def test_an_engine_that_is_down_is_said_so(admin_client):
    answer = admin_client.generic("POST", "/api/backup/web")
    assert answer.status_code == 503
    assert answer.json()["code"] == "engine_unreachable"


def test_a_stranger_is_refused(stranger_client):
    answer = stranger_client.generic("POST", "/api/backup/web")
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"

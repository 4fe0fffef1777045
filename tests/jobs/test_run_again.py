"""POST /jobs/<progress_id>/run-again/ and POST /api/backup-progress/<progress_id>/run-again"""

import time
from uuid import uuid4

import pytest
from django.test import Client
from pyotp import random_base32

from accounts.models import AuditEntry, User
from accounts.second_factor.services import keep
from jobs.models import ENDED, Job, Status
from tests.backups.pages import tags_of, text_of
from tests.backups.records import make_record

JSON = "application/json"


@pytest.fixture(autouse=True)
def _own_data(data_dir):
    """The lock that tells of the worker lies there."""


@pytest.fixture
def check(make_job) -> Job:
    """The check of a backup, which failed."""
    filename = make_record("web").filename
    return make_job(Status.FAILED, "web", kind="verify", arguments={"filename": filename})


def test_the_same_is_asked_for_once_more(client, check):
    answer = client.post(f"/jobs/{check.progress_id}/run-again/")
    again = Job.objects.latest("pk")
    assert answer["Location"] == f"/jobs/{again.progress_id}/"
    assert (again.kind, again.subject, again.status) == ("verify", "web", Status.QUEUED)
    assert again.arguments == check.arguments
    assert again.requested_by == User.objects.get(pk=client.session["_auth_user_id"])
    assert AuditEntry.objects.filter(action="verify.request", target="web").exists()
    assert "In the queue again: the check of web" in text_of(client.get(answer["Location"]))


def test_by_json_too(client, check):
    address = f"/api/backup-progress/{check.progress_id}/run-again"
    answer = client.post(address, content_type=JSON)
    assert answer.status_code == 202
    again = Job.objects.latest("pk")
    assert answer.json()["progress_id"] == str(again.progress_id) != str(check.progress_id)
    assert answer.json()["queue_position"] == 1


@pytest.mark.parametrize("status", [s for s in Status if s not in ENDED])
def test_one_that_goes_on_cannot(admin_client, make_job, status):
    job = make_job(status)
    assert admin_client.post(f"/jobs/{job.progress_id}/run-again/").status_code == 409
    page = admin_client.get(f"/jobs/{job.progress_id}/")
    assert not tags_of(page, "form", action=f"/jobs/{job.progress_id}/run-again/")
    assert Job.objects.count() == 1


def test_a_restore_that_got_through_replaces_nothing_a_second_time(admin_client, make_job):
    done, failed = (
        make_job(status, kind="restore", arguments={"filename": "web.tar.gz", "options": {}})
        for status in (Status.COMPLETE, Status.FAILED)
    )
    assert not done.can_run_again
    assert failed.can_run_again
    assert admin_client.post(f"/jobs/{done.progress_id}/run-again/").status_code == 409
    assert admin_client.post(f"/jobs/{failed.progress_id}/run-again/").status_code == 404
    assert Job.objects.count() == 2


@pytest.mark.parametrize(
    ("kind", "again"),
    [
        *(("backup", True), ("verify", True), ("rehearsal", True), ("redeploy", True)),
        *(("stack_backup", True), ("scan", True), ("restore", False), ("stack_restore", False)),
        *(("put_back", False), ("prune", False), ("bulk_download", False)),
    ],
)
def test_what_makes_sense_is_offered(client, make_job, kind, again):
    job = make_job(Status.COMPLETE, kind=kind)
    for path in ("/jobs/", f"/jobs/{job.progress_id}/"):
        forms = tags_of(client.get(path), "form", action=f"/jobs/{job.progress_id}/run-again/")
        assert bool(forms) is (again or path == "/jobs/")
    buttons = tags_of(client.get("/jobs/"), "button", title="Run again")
    assert len(buttons) == again


def test_what_is_in_the_way_is_said_as_the_first_time(admin_client, check):
    check.arguments = {"filename": "gone.tar.gz"}
    check.save()
    answer = admin_client.post(f"/jobs/{check.progress_id}/run-again/")
    assert answer.status_code == 404
    assert "There is no backup named" in text_of(answer)


def test_a_backup_and_a_redeploy_are_asked_of_the_container_of_that_name(
    admin_client, make_job, make_container
):
    options = {"consistency": "pause", "include_image": True, "include_bind_mounts": False}
    arguments = {"container": "0" * 64, "name": "web"}
    made = make_container("web")
    backup = make_job(Status.COMPLETE, arguments=arguments | {"options": options})
    redeploy = make_job(Status.COMPLETE, kind="redeploy", arguments=arguments | {"pull": False})
    for job in (backup, redeploy):
        admin_client.post(f"/jobs/{job.progress_id}/run-again/")
        again = Job.objects.latest("pk")
        assert again.arguments == job.arguments | {"container": made}


def test_looking_runs_nothing(admin_client, check):
    assert admin_client.get(f"/jobs/{check.progress_id}/run-again/").status_code == 405
    assert admin_client.post(f"/jobs/{uuid4()}/run-again/").status_code == 404
    assert Job.objects.count() == 1


def test_a_stranger_runs_nothing(stranger_client, check):
    address = f"/api/backup-progress/{check.progress_id}/run-again"
    assert stranger_client.post(address, content_type=JSON).status_code == 401
    assert stranger_client.post(f"/jobs/{check.progress_id}/run-again/").status_code == 302
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("restore", {"filename": "web.tar.gz", "options": {}}),
        ("stack_restore", {"set_id": str(uuid4()), "options": {}}),
        ("put_back", {"filename": "web.tar.gz", "path": "/data/x", "beside": True}),
    ],
)
def test_what_reaches_far_asks_for_a_fresh_code_again(
    kind, arguments, operator, operator_client, make_job, settings
):
    settings.FRESH_CODE = 600
    keep(operator, random_base32(), 0)
    job = make_job(Status.FAILED, kind=kind, arguments=arguments)
    page, call = (
        f"/jobs/{job.progress_id}/run-again/",
        f"/api/backup-progress/{job.progress_id}/run-again",
    )
    answer = operator_client.post(page, headers={"Referer": "http://testserver/jobs/"})
    assert answer["Location"] == "/accounts/second-factor/confirm/?next=%2Fjobs%2F"
    answer = operator_client.post(call, content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_code_required")
    give_code(operator_client)
    # What it was made from is gone, which is found out only now.
    assert operator_client.post(page).status_code == 404
    assert operator_client.post(call, content_type=JSON).status_code == 404
    assert Job.objects.count() == 1


def give_code(client: Client) -> None:
    session = client.session
    session["code_at"] = time.time()
    session.save()


def test_what_does_not_asks_for_none(operator, operator_client, check, settings):
    settings.FRESH_CODE = 600
    keep(operator, random_base32(), 0)
    assert operator_client.post(f"/jobs/{check.progress_id}/run-again/").status_code == 302
    assert Job.objects.count() == 2


def test_it_is_offered_to_those_who_may_ask_for_the_same(operator_client, admin_client, make_job):
    arguments = {"stack": "shop", "version": 1}
    job = make_job(Status.FAILED, "shop", kind="stack_deploy", arguments=arguments)
    for path, words in (("/jobs/", {"aria-label": "Run again"}), (f"/jobs/{job.progress_id}/", {})):
        offered = [
            [tag for tag in tags_of(client.get(path), "button", **words) if is_refused(tag)]
            for client in (operator_client, admin_client)
        ]
        assert [len(found) for found in offered] == [1, 0], path
    assert operator_client.post(f"/jobs/{job.progress_id}/run-again/").status_code == 403
    refused = AuditEntry.objects.get(action="stack_deploy.request", target="shop")
    assert refused.result == "failed"


def is_refused(tag: dict[str, str | None]) -> bool:
    return "This takes the right to bring in" in (tag.get("title") or "")

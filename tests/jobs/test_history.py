"""The history of jobs: searched, filtered, in pages."""

import re

import pytest

from jobs import history as histories
from jobs.models import Job, Status
from tests.backups.pages import tags_of, text_of


@pytest.fixture(autouse=True)
def _own_data(data_dir):
    """The lock that tells of the worker lies there."""


@pytest.fixture
def jobs(make_job) -> list[Job]:
    return [
        make_job(Status.COMPLETE, "web", result={"filename": "web_1.tar.gz", "size": 7}),
        make_job(Status.FAILED, "db", kind="restore", error="There is no space left."),
        make_job(Status.CANCELLED, "web", kind="verify", arguments={"filename": "web_9.tar.gz"}),
        make_job(Status.RUNNING, "mail"),
    ]


def found(client, **asked) -> list[str]:
    """The jobs that the page shows as ended."""
    page = client.get("/jobs/", asked).content.decode()
    return re.findall(r'<tr id="ended-([^"]+)"', page)


def ids(*jobs: Job) -> list[str]:
    return [str(job.progress_id) for job in jobs]


def test_the_newest_come_first_and_what_runs_is_not_among_them(client, jobs):
    backup, restore, check, _ = jobs
    assert found(client) == ids(check, restore, backup)


def test_they_are_chosen_among(client, jobs):
    backup, restore, check, _ = jobs
    assert found(client, kind="restore") == ids(restore)
    assert found(client, status="cancelled") == ids(check)
    assert found(client, container="web") == ids(check, backup)
    assert found(client, container="web", kind="backup") == ids(backup)
    assert found(client, search="space LEFT") == ids(restore)
    assert found(client, search="web_1") == ids(backup)
    assert found(client, search="web_9") == ids(check)


def test_only_kinds_that_jobs_can_be_of_are_chosen_among(db):
    offered = dict(histories.history().selects[0]["options"])
    assert {"", "backup", "stack_restore", "prune"} < offered.keys()
    assert "bulk_download" not in offered


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "nonsense"},
        {"status": "running"},
        {"container": "\0"},
        {"kind": "\0"},
        {"status": "\0"},
        {"search": "\0<script>"},
        {"search": "%"},
    ],
)
def test_what_matches_nothing_says_so(admin_client, jobs, asked):
    page = admin_client.get("/jobs/", asked)
    assert page.status_code == 200
    assert "Show all jobs" in text_of(page)
    assert b"<script>" not in page.content.replace(b"<script ", b"")
    assert "Backup of mail" in text_of(page)  # what runs is shown whatever is asked


def test_they_come_in_pages_that_keep_what_was_chosen(admin_client, make_job, monkeypatch):
    monkeypatch.setattr(histories, "PAGE_SIZE", 2)
    jobs = [make_job(Status.COMPLETE) for _ in range(5)]
    make_job(Status.COMPLETE, "db")
    page = admin_client.get("/jobs/", {"container": "web"})
    assert "1–2 of 5" in text_of(page)
    (following,) = tags_of(page, "a", rel="next")
    assert "container=web" in following["href"]
    assert found(admin_client, container="web", page="3") == ids(jobs[0])
    assert found(admin_client, page="x") == ids(Job.objects.last(), jobs[4])


def test_each_leads_to_its_log(client, jobs):
    hrefs = [link["href"] for link in tags_of(client.get("/jobs/"), "a") if "href" in link]
    assert f"/jobs/{jobs[0].progress_id}/#h-log" in hrefs


def test_the_cost_does_not_grow_with_the_rows(
    admin_client, make_job, django_assert_max_num_queries
):
    for _ in range(3):
        for number in range(3):
            make_job(Status.COMPLETE, f"c{number}", log="x" * 1000)
            make_job(Status.WAITING)
        with django_assert_max_num_queries(8):
            admin_client.get("/jobs/", {"search": "c", "status": "complete"})


def test_who_is_held_still_by_whom_is_said(client, make_job):
    held = [
        {"key": 1, "action": "backups.let_go", "arguments": {"name": "db", "act": "start"}},
        {"key": 2, "action": "jobs.remove_helpers", "arguments": {"job": "x"}},
        {"key": 3, "action": "backups.let_go", "arguments": {"name": "<b>web", "act": "start"}},
    ]
    make_job(Status.RUNNING, "web", undo=held)
    page = client.get("/jobs/")
    assert "Held still by it" in text_of(page)
    assert "db, <b>web" in text_of(page)
    Job.objects.update(committed=True)
    assert "Held still" not in text_of(client.get("/jobs/"))


def test_a_stranger_is_sent_to_sign_in(stranger_client, jobs):
    assert stranger_client.get("/jobs/", {"search": "web"}).status_code == 302

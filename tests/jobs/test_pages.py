"""/jobs/, /jobs/<progress_id>/ and …/cancel/"""

import re
from itertools import pairwise
from uuid import uuid4

import pytest

from jobs.lock import only_worker
from jobs.models import Job, Status

HTMX = {"HX-Request": "true"}
REFRESH = '<meta http-equiv="refresh" content="2">'


@pytest.fixture(autouse=True)
def _own_data(data_dir):
    """The lock that tells of the worker lies there."""


def page_of(client, job: Job, **headers) -> str:
    return client.get(f"/jobs/{job.progress_id}/", headers=headers).content.decode()


def test_the_list_shows_what_runs_waits_and_is_over(client, make_job):
    running = make_job(Status.RUNNING, "web", percent=62.0, step="Reading volume data")
    make_job(Status.WAITING, "db")
    make_job(Status.QUEUED, "cache")
    make_job(Status.FAILED, "mail", error="There is no <b>space</b>.")
    make_job(Status.COMPLETE, "wiki", kind="restore")
    page = client.get("/jobs/").content.decode()
    for words in (
        *("Backup of web", "62 %", "Reading volume data", "Next in the queue"),
        *("Number 2 in the queue", "There is no &lt;b&gt;space&lt;/b&gt;.", "Restore of wiki"),
        f'action="/jobs/{running.progress_id}/cancel/"',
        *("Next in the queue, after the backup of web", "in the queue, after the backup of db"),
        '<meta http-equiv="refresh" content="10">',
    ):
        assert words in page, words
    assert page.index("Backup of web") < page.index("Backup of db") < page.index("Restore of wiki")


def test_headings_skip_no_level(client, make_job):
    running = make_job(Status.RUNNING, "web")
    make_job(Status.COMPLETE, "db")
    for page in (page_of(client, running), client.get("/jobs/").content.decode()):
        levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
        assert levels[0] == 1
        assert all(level <= above + 1 for above, level in pairwise(levels)), levels


def test_an_empty_list_says_what_belongs_here(admin_client):
    page = admin_client.get("/jobs/").content.decode()
    assert "No jobs yet" in page
    assert 'http-equiv="refresh"' not in page


def test_a_queue_without_a_worker_is_said_so(admin_client):
    assert "Nothing works on the queue" in admin_client.get("/jobs/").content.decode()
    with only_worker():
        assert "Nothing works on the queue" not in admin_client.get("/jobs/").content.decode()


def test_the_cost_does_not_grow_with_the_rows(
    admin_client, make_job, django_assert_max_num_queries
):
    for _ in range(3):
        for status in (Status.RUNNING, Status.WAITING, Status.COMPLETE):
            make_job(status)
        with django_assert_max_num_queries(8):
            admin_client.get("/jobs/")


def test_a_job_that_runs(client, make_job, operator):
    job = make_job(
        Status.RUNNING,
        percent=62.0,
        bytes_done=4_402_341_478,
        bytes_total=7_086_696_038,
        bytes_per_second=212_000_000.0,
        step="Reading volume data",
        log="10:00:00 Looking <at> it\n10:00:01 Reading volume data\n",
        requested_by=operator,
    )
    page = page_of(client, job)
    for words in (
        *("Backup of web", "62 %", "4.1 of 6.6 GiB · 212 MB/s · about 13 s left"),
        *("Reading volume data", "Looking &lt;at&gt; it", "otto", REFRESH),
        f'id="job-{job.progress_id}"',
        f'action="/jobs/{job.progress_id}/cancel/"',
    ):
        assert words in page, words


def test_a_job_that_waits_says_its_place(admin_client, make_job):
    make_job(Status.RUNNING)
    make_job(Status.WAITING)
    page = page_of(admin_client, make_job(Status.WAITING))
    assert "Number 2 in the queue, after the backup of web" in page
    assert "Nothing has happened yet" in page


@pytest.mark.parametrize(
    "status", [Status.COMPLETE, Status.FAILED, Status.CANCELLED, Status.INTERRUPTED]
)
def test_a_job_that_is_over_neither_refreshes_nor_can_be_cancelled(admin_client, make_job, status):
    job = make_job(status, error="" if status == Status.COMPLETE else "Something <went> wrong.")
    page = page_of(admin_client, job)
    assert REFRESH not in page
    assert "/cancel/" not in page
    assert ("Something &lt;went&gt; wrong." in page) is (status != Status.COMPLETE)


def test_a_backup_leads_to_its_archive(admin_client, make_job):
    job = make_job(Status.COMPLETE, result={"filename": "web_1.tar.gz", "size": 2048})
    page = page_of(admin_client, job)
    assert 'href="/backups/web_1.tar.gz/"' in page
    assert "2 KiB" in page


def test_a_restore_leads_to_its_container_and_reports(admin_client, make_job):
    report = ["Everything is as it was.", "The <MAC> address differs."]
    job = make_job(
        Status.COMPLETE, kind="restore", result={"container_name": "web-2", "report": report}
    )
    page = page_of(admin_client, job)
    assert 'href="/containers/web-2/"' in page
    assert "Everything is as it was." in page
    assert "The &lt;MAC&gt; address differs." in page


def test_htmx_gets_the_fragments_alone(admin_client, make_job):
    job = make_job(Status.RUNNING)
    for path, part in (("/jobs/", 'id="jobs"'), (f"/jobs/{job.progress_id}/", 'id="job"')):
        page = admin_client.get(path, headers=HTMX).content.decode()
        assert "<html" not in page
        assert part in page


def test_cancel_leads_back_with_a_message(client, make_job):
    waiting, running = make_job(), make_job(Status.RUNNING)
    answer = client.post(f"/jobs/{waiting.progress_id}/cancel/", follow=True)
    assert answer.redirect_chain == [(f"/jobs/{waiting.progress_id}/", 302)]
    assert "Cancelled: the backup of web" in answer.content.decode()
    answer = client.post(f"/jobs/{running.progress_id}/cancel/", headers=HTMX, follow=True)
    assert "Cancelling: the backup of web" in answer.content.decode()
    waiting.refresh_from_db()
    running.refresh_from_db()
    assert (waiting.status, running.cancel_requested) == (Status.CANCELLED, True)
    assert client.post(f"/jobs/{make_job(Status.FAILED).progress_id}/cancel/").status_code == 409


def test_looking_cancels_nothing(admin_client, make_job):
    job = make_job()
    assert admin_client.get(f"/jobs/{job.progress_id}/cancel/").status_code == 405


def test_a_job_that_is_not_there_is_a_page_that_says_so(admin_client):
    assert admin_client.get(f"/jobs/{uuid4()}/").status_code == 404
    assert admin_client.get("/jobs/nonsense/").status_code == 404
    assert admin_client.post(f"/jobs/{uuid4()}/cancel/").status_code == 404


def test_a_stranger_is_sent_to_sign_in(stranger_client, make_job):
    job = make_job()
    for method, path in (("GET", ""), ("GET", f"{job.progress_id}/")):
        assert stranger_client.generic(method, f"/jobs/{path}").status_code == 302
    assert stranger_client.post(f"/jobs/{job.progress_id}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.status == Status.QUEUED

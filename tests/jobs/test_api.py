"""GET /api/backup-progress/<id>, POST …/cancel and GET /api/backup/status"""

import re

import pytest

from jobs.models import Status
from tests.backups.odd_names import ODD_NAMES, quoted

MEMBERS = {
    *("progress_id", "kind", "container_name", "status", "percent", "step", "bytes_done"),
    *("bytes_total", "queue_position", "filename", "size", "error", "created_at", "started_at"),
    "finished_at",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def test_progress(client, make_job):
    job = make_job(
        Status.RUNNING,
        percent=41.5,
        step="Reading volume data",
        bytes_done=5,
        bytes_total=10,
        undo=[{"key": 1, "action": "x", "arguments": {"secret": "s"}}],
    )
    body = client.get(f"/api/backup-progress/{job.progress_id}").json()
    assert body.keys() == MEMBERS
    assert TIME.fullmatch(body.pop("created_at"))
    assert TIME.fullmatch(body.pop("started_at"))
    assert body == {
        "progress_id": str(job.progress_id),
        "kind": "backup",
        "container_name": "web",
        "status": "running",
        "percent": 41.5,
        "step": "Reading volume data",
        "bytes_done": 5,
        "bytes_total": 10,
        "queue_position": None,
        "filename": None,
        "size": None,
        "error": None,
        "finished_at": None,
    }


def test_an_interrupted_job_is_a_failed_one(admin_client, make_job):
    job = make_job(Status.INTERRUPTED, error="The worker ended in the middle of it.")
    body = admin_client.get(f"/api/backup-progress/{job.progress_id}").json()
    assert (body["status"], body["error"]) == ("failed", job.error)


def test_cancel(client, make_job):
    waiting, running = make_job(), make_job(Status.RUNNING)
    answer = client.generic("POST", f"/api/backup-progress/{waiting.progress_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    answer = client.generic("POST", f"/api/backup-progress/{running.progress_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "running")
    running.refresh_from_db()
    assert running.cancel_requested


def test_what_is_over_is_not_cancelled(admin_client, make_job):
    job = make_job(Status.COMPLETE)
    answer = admin_client.generic("POST", f"/api/backup-progress/{job.progress_id}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_the_queue(client, make_job):
    assert client.get("/api/backup/status").json() == {
        "queue_size": 0,
        "running": None,
        "queued": [],
    }
    running, waiting = make_job(Status.RUNNING), make_job(Status.WAITING)
    body = client.get("/api/backup/status").json()
    assert body["queue_size"] == 1
    assert body["running"]["progress_id"] == str(running.progress_id)
    assert body["queued"][0]["progress_id"] == str(waiting.progress_id)
    assert body["queued"][0]["queue_position"] == 1


@pytest.mark.parametrize("progress_id", [*ODD_NAMES, "3052654e-aa1e-447f-8ab2-4a73caffe3e3"])
def test_a_job_that_is_not_there_is_a_json_404(admin_client, progress_id):
    for method, verb in (("GET", ""), ("POST", "/cancel")):
        answer = admin_client.generic(method, f"/api/backup-progress/{quoted(progress_id)}{verb}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_stranger_is_refused(stranger_client, make_job):
    job = make_job()
    for method, path in (
        ("GET", f"backup-progress/{job.progress_id}"),
        ("POST", f"backup-progress/{job.progress_id}/cancel"),
        ("GET", "backup/status"),
    ):
        answer = stranger_client.generic(method, f"/api/{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    job.refresh_from_db()
    assert job.status == Status.QUEUED

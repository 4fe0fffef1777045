"""POST /api/restore-backup"""

import pytest

from jobs.models import Job, Kind, Status
from jobs.worker import run_next
from tests.arrange import run_in
from tests.backups.odd_names import ODD_NAMES
from tests.backups.records import make_record

pytestmark = pytest.mark.django_db
ADDRESS = "/api/restore-backup"


def asked(client, backup, **options):
    body = {"filename": getattr(backup, "filename", backup), **options}
    return client.post(ADDRESS, body, content_type="application/json")


def restores() -> list[Job]:
    return list(Job.objects.filter(kind=Kind.RESTORE))


def test_a_deleted_container_comes_back(client, backup, docker):
    docker.remove_container("web", force=True)
    docker.remove_volume("web_data")

    answer = asked(client, backup)

    assert answer.status_code == 202
    job = restores()[0]
    assert answer.json() == {
        "success": True,
        "progress_id": str(job.progress_id),
        "status": "queued",
    }
    assert run_next()
    job.refresh_from_db()
    assert (job.status, job.error) == (Status.COMPLETE, "")
    assert docker.inspect_container("web")["State"]["Running"]
    assert run_in(docker, "web", "cat", "/data/first", "/data/folder/second") == "one\ntwo\n"


def test_a_conflict_that_is_not_answered_changes_nothing(client, backup, docker, web):
    answer = asked(client, backup)
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["code"] == "conflict"
    assert {"kind", "name", "message", "answer"} == set(problem["conflicts"][0])
    assert {conflict["kind"] for conflict in problem["conflicts"]} >= {"name", "volume"}
    assert restores() == []
    assert docker.inspect_container("web")["Id"] == web


def test_a_dry_run_plans_and_changes_nothing(client, backup, docker, web):
    answer = asked(client, backup, dry_run=True)
    assert answer.status_code == 200
    assert {conflict["answer"] for conflict in answer.json()["conflicts"]} >= {
        "on_conflict",
        "overwrite_volumes",
    }

    answered = asked(
        client, backup, dry_run=True, on_conflict="replace", overwrite_volumes=False
    ).json()

    assert answered["conflicts"] == []
    assert any("web_data" in step for step in answered["plan"])
    assert restores() == []
    assert docker.inspect_container("web")["Id"] == web


def test_every_option_is_taken(admin_client, backup, docker):
    answer = asked(
        admin_client,
        backup,
        new_name="copy",
        port_overrides={"80/tcp": 8081},
        overwrite_volumes=False,
        on_conflict="fail",
        start=False,
    )
    assert answer.status_code == 202, answer.content
    assert run_next()
    copy = docker.inspect_container("copy")
    assert copy["HostConfig"]["PortBindings"]["80/tcp"][0]["HostPort"] == "8081"
    assert not copy["State"]["Running"]


def test_null_is_as_good_as_nothing(admin_client, backup, docker):
    docker.remove_container("web", force=True)
    docker.remove_volume("web_data")
    nothing = {"new_name": None, "overwrite_volumes": None, "start": None}
    assert asked(admin_client, backup, **nothing).status_code == 202


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"overwrite_volume": True}, "overwrite_volume"),
        ({"on_conflict": "hope"}, "on_conflict"),
        ({"new_name": "../etc"}, "new_name"),
        ({"new_name": "<b>"}, "new_name"),
        ({"new_name": "a" * 300}, "new_name"),
        ({"new_name": 7}, "new_name"),
        ({"new_name": "\ud800"}, "new_name"),
        ({"port_overrides": {"80/tcp": 0}}, "port_overrides.80/tcp"),
        ({"port_overrides": {"80/tcp": 65536}}, "port_overrides.80/tcp"),
        ({"port_overrides": {"80/tcp": 10**30}}, "port_overrides.80/tcp"),
        ({"port_overrides": {"80/tcp": True}}, "port_overrides.80/tcp"),
        ({"port_overrides": {"80/tcp": "8081"}}, "port_overrides.80/tcp"),
        ({"port_overrides": {"http": 8081}}, "port_overrides.http"),
        ({"port_overrides": [8081]}, "port_overrides"),
        ({"start": "perhaps"}, "start"),
        ({"dry_run": 7}, "dry_run"),
    ],
)
def test_wrong_options_are_named(admin_client, options, field):
    answer = asked(admin_client, make_record(), **options)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert field in answer.json()["fields"]
    assert restores() == []


@pytest.mark.parametrize("body", ["", "{}", "null", "[]", "{", "[" * 100_000])
def test_a_body_without_a_filename_is_refused(admin_client, body):
    answer = admin_client.post(ADDRESS, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"


@pytest.mark.parametrize("name", ODD_NAMES[:-1])
@pytest.mark.parametrize("dry_run", [True, False])
def test_what_is_no_backup_is_not_there(admin_client, name, dry_run):
    answer = asked(admin_client, name, dry_run=dry_run)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_a_stranger_is_refused(stranger_client):
    assert asked(stranger_client, "web.tar.gz").status_code == 401

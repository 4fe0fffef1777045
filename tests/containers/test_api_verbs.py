"""POST /api/container/<id>/start, /stop, /restart, DELETE …/delete and GET …/details"""

import time

import pytest
from docker.errors import NotFound as Gone

from jobs.models import Job, Status
from tests.backups.odd_names import ODD_NAMES, quoted

ADDRESSES = [
    ("POST", "start"),
    ("POST", "stop"),
    ("POST", "restart"),
    ("DELETE", "delete"),
    ("GET", "details"),
]


def test_start_stop_and_restart(client, make_container):
    made = make_container("web", start=False)
    for verb, changed, status in [
        ("start", True, "running"),
        ("start", False, "running"),
        ("restart", True, "running"),
        ("stop", True, "exited"),
        ("stop", False, "exited"),
    ]:
        answer = client.generic("POST", f"/api/container/{made[:12]}/{verb}")
        assert answer.status_code == 200
        body = answer.json()
        assert (body["success"], body["changed"]) == (True, changed)
        assert (body["container"]["id"], body["container"]["status"]) == (made, status)


@pytest.mark.parametrize("verb", ["stop", "restart"])
@pytest.mark.parametrize("way", ["query", "body"])
def test_the_timeout_comes_in_the_query_or_the_body(admin_client, make_container, verb, way):
    make_container("deaf", command=["sleep", "3600"], stop_timeout=300)
    start = time.monotonic()
    if way == "query":
        answer = admin_client.generic("POST", f"/api/container/deaf/{verb}?timeout=1")
    else:
        answer = admin_client.post(
            f"/api/container/deaf/{verb}", {"timeout": 1}, content_type="application/json"
        )
    assert answer.status_code == 200
    assert time.monotonic() - start < 60


@pytest.mark.parametrize("timeout", ["-1", "soon", "1e9", "3601", "1.5", "99999999999999999999"])
@pytest.mark.parametrize("way", ["query", "body"])
def test_a_timeout_that_is_none_is_named(admin_client, make_container, timeout, way):
    make_container("web")
    if way == "query":
        answer = admin_client.generic("POST", f"/api/container/web/stop?timeout={timeout}")
    else:
        answer = admin_client.post(
            "/api/container/web/stop", {"timeout": timeout}, content_type="application/json"
        )
    assert answer.status_code == 400
    assert "timeout" in answer.json()["fields"]


@pytest.mark.parametrize("body", ["{", "[]", "7", '"text"'])
def test_a_body_that_is_no_object_is_refused(admin_client, make_container, body):
    make_container("web")
    answer = admin_client.post("/api/container/web/stop", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "fields" not in answer.json()


@pytest.mark.parametrize("body", ["", "[]", "null", "7"])
def test_a_body_that_is_missing_is_called_so_and_no_field(admin_client, engine, body):
    answer = admin_client.post("/api/restore-backup", body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "The body must be a JSON object.", "code": "invalid"},
    )


@pytest.mark.parametrize("signal", [9, "9", "KILL"])
def test_a_signal_is_a_name_or_a_number(admin_client, docker, make_container, signal):
    make_container("web")
    answer = admin_client.post(
        "/api/container/web/kill", {"signal": signal}, content_type="application/json"
    )
    assert answer.status_code == 200
    assert docker.wait("web")["StatusCode"] == 137


def test_delete(client, docker, make_container):
    make_container("web")
    answer = client.delete("/api/container/web/delete")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert docker.inspect_container("web")["State"]["Running"]
    answer = client.delete("/api/container/web/delete?force=true")
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    with pytest.raises(Gone):
        docker.inspect_container("web")
    assert client.delete("/api/container/web/delete").status_code == 404


def test_delete_takes_its_options_in_a_body_too(client, docker, make_container):
    make_container("web", volumes=["/data"])
    address, kind = "/api/container/web/delete", "application/json"
    assert client.delete(address, {"forse": True}, content_type=kind).status_code == 400
    assert client.delete(address, {"force": False}, content_type=kind).status_code == 409
    answer = client.delete(address, {"force": True, "volumes": True}, content_type=kind)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert not docker.containers(all=True) and not docker.volumes()["Volumes"]


@pytest.mark.parametrize(("query", "left"), [("", 1), ("?volumes=false", 1), ("?volumes=true", 0)])
def test_delete_takes_anonymous_volumes_when_asked(
    admin_client, docker, make_container, query, left
):
    make_container("web", start=False, volumes=["/data"])
    assert admin_client.delete(f"/api/container/web/delete{query}").status_code == 200
    assert len(docker.volumes()["Volumes"] or []) == left


def test_details(client, make_container):
    made = make_container(
        "web", ports=[80], environment=["A=b"], host={"port_bindings": {80: 8080}}
    )
    body = client.get("/api/container/web/details").json()
    assert body["id"] == body["inspect"]["Id"] == made
    assert {"key": "A", "value": "b"} in body["environment"]
    assert body["port_mappings"]["80/tcp"][0] == {"host_ip": "0.0.0.0", "host_port": 8080}
    assert body["restart_policy"] == {"name": "no", "maximum_retry_count": 0}
    assert body.keys() >= {
        *("command", "entrypoint", "working_dir", "user", "hostname", "networks"),
        *("healthcheck", "resources", "status_text", "created"),
    }


@pytest.mark.parametrize(("method", "verb"), ADDRESSES)
@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_cannot_exist_is_not_there(admin_client, engine, method, verb, name):
    answer = admin_client.generic(method, f"/api/container/{quoted(name)}/{verb}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(("method", "verb"), ADDRESSES)
def test_a_stranger_is_refused(stranger_client, docker, make_container, method, verb):
    make_container("web")
    answer = stranger_client.generic(method, f"/api/container/web/{verb}?force=true")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert docker.inspect_container("web")["State"]["Running"]


@pytest.mark.parametrize(("method", "verb"), ADDRESSES)
def test_this_program_itself_is_refused(admin_client, docker, make_container, method, verb):
    make_container("monkey", labels={"containermonkey.self": "1"})
    answer = admin_client.generic(method, f"/api/container/monkey/{verb}?force=true")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert docker.inspect_container("monkey")["State"]["Running"]


@pytest.mark.parametrize(("method", "verb"), ADDRESSES)
def test_an_engine_that_is_away_is_said_so(admin_client, method, verb):
    answer = admin_client.generic(method, f"/api/container/web/{verb}")
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_unreachable")


@pytest.mark.parametrize(("method", "verb"), ADDRESSES)
def test_other_methods_are_not_taken(admin_client, engine, method, verb):
    answer = admin_client.generic("PUT", f"/api/container/web/{verb}")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_a_job_on_it_is_named(admin_client, make_container):
    make_container("web")
    job = Job.objects.create(kind="backup", subject="web", status=Status.RUNNING)
    answer = admin_client.generic("POST", "/api/container/web/stop")
    assert answer.status_code == 409
    assert answer.json()["progress_id"] == str(job.progress_id)

"""POST /api/volume/<name>/upload, /folder, /rename and /delete-files"""

import json
import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AuditEntry
from engine import engine
from engine.helpers import helper
from jobs.models import Job, Kind, Status
from tests.arrange import run_in
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.engine_calls import recorded_calls

pytestmark = pytest.mark.django_db

BODIES = {
    "folder": {"path": "/", "name": "new"},
    "rename": {"path": "/first", "to": "/renamed"},
    "delete-files": {"paths": ["/first"]},
}

PATHS = ["../x", "/folder/../../x", "link/x", "up/x", r"\x2e\x2e/x", "\0/x", "/..", "absolute/x"]


def post(client, call: str, body: object, volume: str = "data"):
    return client.post(f"/api/volume/{volume}/{call}", body, content_type="application/json")


def files(*names: str) -> dict[str, list[SimpleUploadedFile]]:
    return {"file": [SimpleUploadedFile(name, name.encode()) for name in names]}


def send(client, *names: str, query: str = "path=/folder", volume: str = "data"):
    return client.post(f"/api/volume/{volume}/upload?{query}", files(*names))


@pytest.fixture
def linked(root):
    (root / "link").symlink_to("/etc")
    (root / "up").symlink_to("../../..")
    (root / "absolute").symlink_to(root.parent)
    return root


@pytest.mark.parametrize("who", ["admin_client", "operator_client"])
def test_everybody_signed_in_may_add_to_a_volume(request, who, root):
    client = request.getfixturevalue(who)
    answer = send(client, "one", "two")
    assert answer.status_code == 201
    assert [entry["name"] for entry in answer.json()["entries"]] == ["one", "two"]
    assert (root / "folder" / "one").read_text() == "one"
    answer = post(client, "folder", {"path": "/folder", "name": "new"})
    assert (answer.status_code, answer.json()["type"]) == (201, "directory")
    answer = post(client, "rename", {"path": "/folder/one", "to": "/folder/new/three"})
    assert (answer.status_code, answer.json()["name"]) == (200, "three")


def test_an_administrator_deletes_and_each_has_its_result(admin_client, root):
    answer = post(admin_client, "delete-files", {"paths": ["/folder/below", "/folder/gone"]})
    assert answer.status_code == 200
    done, failed = answer.json()["results"]
    assert done == {"path": "/folder/below", "success": True, "error": None}
    assert "holds no" in failed["error"]
    assert os.listdir(root / "folder") == ["second"]


def test_nobody_else_deletes_or_replaces(operator_client, root):
    before = (root / "folder" / "second").read_bytes()
    answers = [
        post(operator_client, "delete-files", {"paths": ["/folder/second"]}),
        post(
            operator_client,
            "rename",
            {"path": "/folder/below", "to": "/folder/second", "overwrite": True},
        ),
        operator_client.post(
            "/api/volume/data/upload?path=/folder&overwrite=true",
            {"file": SimpleUploadedFile("second", b"lost")},
        ),
        operator_client.get("/volumes/data/files/delete/?path=/folder/second"),
        operator_client.post(
            "/volumes/data/files/delete/", {"path": "/folder/second", "confirmed": "1"}
        ),
        operator_client.post(
            "/volumes/data/files/upload/?path=/folder",
            {"overwrite": "on", "file": SimpleUploadedFile("second", b"lost")},
        ),
    ]
    assert [answer.status_code for answer in answers] == [403] * 6
    assert (root / "folder" / "second").read_bytes() == before


def test_every_change_is_in_the_audit_trail(admin_client, root):
    send(admin_client, "one")
    post(admin_client, "folder", BODIES["folder"])
    post(admin_client, "rename", BODIES["rename"])
    post(admin_client, "delete-files", {"paths": ["/gone"]})
    lines = AuditEntry.objects.order_by("pk").values_list("action", "target", "result")
    assert list(lines) == [
        ("volume.upload", "data", "done"),
        ("volume.make_folder", "data", "done"),
        ("volume.rename", "data", "done"),
        ("volume.delete_file", "data", "failed"),
    ]


def test_a_name_that_is_taken_is_a_conflict_unless_it_is_to_be_replaced(admin_client, root):
    answer = send(admin_client, "third", "second", "fourth")
    assert answer.status_code == 409
    told = answer.json()
    assert (told["code"], told["taken"], told["uploaded"]) == ("conflict", "second", ["third"])
    assert (root / "folder" / "second").read_text() == "two\n"
    assert not (root / "folder" / "fourth").exists()
    answer = send(admin_client, "second", query="path=/folder&overwrite=true")
    assert answer.status_code == 201
    assert (root / "folder" / "second").read_text() == "second"
    for call, body in (
        ("folder", {"path": "/", "name": "folder"}),
        ("rename", {"path": "/first", "to": "/folder/second"}),
    ):
        assert post(admin_client, call, body).status_code == 409
    body = {"path": "/first", "to": "/folder/second", "overwrite": True}
    assert post(admin_client, "rename", body).status_code == 200
    assert (root / "folder" / "second").read_text() == "one\n"


@pytest.mark.parametrize("path", PATHS)
def test_what_leads_out_is_refused(admin_client, linked, path):
    above = path.rpartition("/")[0] or "/.."
    before = sorted(os.listdir(linked)), sorted(os.listdir(linked.parent))
    answers = [
        send(admin_client, "x", query=f"path={quoted(above)}"),
        post(admin_client, "folder", {"path": above, "name": "x"}),
        post(admin_client, "rename", {"path": path, "to": "/x"}),
        post(admin_client, "rename", {"path": "/first", "to": path}),
    ]
    assert [answer.status_code for answer in answers] == [400] * 4
    assert {answer.json()["code"] for answer in answers} == {"invalid"}
    (result,) = post(admin_client, "delete-files", {"paths": [path]}).json()["results"]
    assert not result["success"]
    assert (sorted(os.listdir(linked)), sorted(os.listdir(linked.parent))) == before


@pytest.mark.parametrize("encoded", ["%2e%2e/x", "..%2fx", "%2e%2e%2fx", "%2fetc%2f..%2f..%2fx"])
def test_what_leads_out_by_an_encoded_path_is_refused(admin_client, root, encoded):
    assert send(admin_client, "x", query=f"path={encoded}").status_code == 400


@pytest.mark.parametrize("call", ["upload", *BODIES])
def test_what_is_not_there_is_not_found(admin_client, root, call):
    gone = {
        "folder": {"path": "/no", "name": "new"},
        "rename": {"path": "/no", "to": "/new"},
        "delete-files": BODIES["delete-files"],
    }
    if call == "upload":
        assert send(admin_client, "x", query="path=/no").status_code == 404
        assert send(admin_client, "x", volume="no").status_code == 404
    else:
        assert post(admin_client, call, BODIES[call], "no").status_code == 404
        if call != "delete-files":
            assert post(admin_client, call, gone[call]).status_code == 404


@pytest.mark.parametrize(
    ("call", "body", "field"),
    [
        ("folder", {}, "name"),
        ("folder", {"name": ""}, "name"),
        ("folder", {"name": "a/b"}, "name"),
        ("folder", {"name": ".."}, "name"),
        ("folder", {"name": "x" * 256}, "name"),
        ("folder", {"name": 5}, "name"),
        ("folder", {"name": "x", "mode": 7}, "mode"),
        ("rename", {"path": "/first"}, "to"),
        ("rename", {"path": "/first", "to": "/"}, "to"),
        ("rename", {"path": "/", "to": "/x"}, "path"),
        ("rename", {"path": "/first", "to": "/x", "overwrite": "perhaps"}, "overwrite"),
        ("delete-files", {}, "paths"),
        ("delete-files", {"paths": []}, "paths"),
        ("delete-files", {"paths": ["x"] * 501}, "paths"),
        ("delete-files", {"paths": "x"}, "paths"),
        ("delete-files", {"paths": [""]}, "paths.0"),
    ],
)
def test_bad_input_names_its_field(admin_client, root, call, body, field):
    answer = post(admin_client, call, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert field in answer.json()["fields"]


def test_a_form_without_a_file_is_told(admin_client, root):
    answer = admin_client.post("/api/volume/data/upload?path=/", {"other": "x"})
    assert (answer.status_code, answer.json()["fields"]) == (400, {"file": "is missing"})
    answer = admin_client.post("/api/volume/data/upload?overwrite=perhaps", files("x"))
    assert answer.status_code == 400


@pytest.mark.parametrize("call", ["upload", *BODIES])
def test_only_what_it_takes_is_read(admin_client, root, call):
    answer = admin_client.post(f"/api/volume/data/{call}", "x", content_type="text/plain")
    assert answer.status_code == 415
    assert admin_client.get(f"/api/volume/data/{call}").status_code == 405


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_never_break_it(admin_client, root, name):
    for volume, inner in ((quoted(name), "x"), ("data", name)):
        answers = [
            send(admin_client, "x", query=f"path=/no/{quoted(inner)}", volume=volume),
            post(admin_client, "folder", {"path": f"/no/{inner}", "name": "x"}, volume),
            post(admin_client, "rename", {"path": f"/no/{inner}", "to": "/x"}, volume),
            post(admin_client, "delete-files", {"paths": [f"/no/{inner}"]}, volume),
        ]
        assert all(answer.status_code in (200, 400, 404, 415) for answer in answers)
    answer = post(admin_client, "folder", {"path": "/", "name": name})
    assert answer.status_code in (201, 400)


@pytest.mark.parametrize("call", ["upload", *BODIES])
def test_where_volumes_are_only_read_the_setting_is_named(admin_client, root, settings, call):
    settings.VOLUMES_READ_ONLY = True
    sent = send(admin_client, "x") if call == "upload" else post(admin_client, call, BODIES[call])
    assert (sent.status_code, sent.json()["code"]) == (403, "not_allowed")
    assert "CONTAINERMONKEY_VOLUMES_READ_ONLY" in sent.json()["error"]
    assert sorted(os.listdir(root)) == ["first", "folder"]
    assert admin_client.get("/api/volume/data/explore").status_code == 200


@pytest.mark.parametrize("call", ["upload", *BODIES])
def test_while_a_job_works_with_the_volume_nothing_is_changed(admin_client, root, call):
    def told() -> tuple[int, str]:
        body = BODIES.get(call)
        answer = send(admin_client, "x") if body is None else post(admin_client, call, body)
        return answer.status_code, answer.json().get("error", "")

    mount = {"Type": "volume", "Source": "data", "Target": "/data"}
    with engine() as docker, helper(docker, [mount], "1"):
        status, words = told()
        assert (status, "A job works with the volume" in words) == (409, True)
    job = Job.objects.create(
        kind=Kind.VOLUME_CLONE, status=Status.RUNNING, arguments={"volume": "data"}
    )
    status, words = told()
    assert (status, "A job works with the volume" in words) == (409, True)
    job.delete()
    (root / ".container-monkey-1.moving").mkdir()
    status, words = told()
    assert (status, "A job works with the volume" in words) == (409, True)


@pytest.mark.parametrize("call", ["upload", *BODIES])
def test_a_volume_out_of_reach_is_not_changed(admin_client, docker, call):
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    docker.create_volume("memory", driver="local", driver_opts=options)
    body = BODIES.get(call)
    if body is None:
        answer = send(admin_client, "x", query="path=/", volume="memory")
    else:
        answer = post(admin_client, call, body, "memory")
    assert answer.status_code == 409
    assert "out of this program's reach" in answer.json()["error"]


def test_the_programs_own_volume_is_not_changed(admin_client, root, make_container):
    labels = {"containermonkey.self": "true"}
    make_container("own", host={"binds": ["data:/data"]}, labels=labels, start=False)
    for call, body in BODIES.items():
        assert post(admin_client, call, body).status_code == 403
    assert send(admin_client, "x").status_code == 403


@pytest.mark.parametrize("call", ["upload", *BODIES])
def test_a_stranger_and_another_site_change_nothing(stranger_client, admin, root, call):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin)
    for client, status in ((stranger_client, 401), (browser, 403)):
        body = BODIES.get(call)
        answer = send(client, "x") if body is None else post(client, call, json.dumps(body))
        assert answer.status_code == status
    assert sorted(os.listdir(root)) == ["first", "folder"]


def test_the_engine_is_not_asked_more_for_more_files(admin_client, root):
    send(admin_client, "first")
    with recorded_calls() as few:
        send(admin_client, "one")
        post(admin_client, "delete-files", {"paths": ["/folder/one"]})
    names = [f"{number}" for number in range(20)]
    with recorded_calls() as many:
        assert send(admin_client, *names).status_code == 201
        post(admin_client, "delete-files", {"paths": [f"/folder/{name}" for name in names]})
    assert len(few) == len(many) == 4


def test_a_volume_out_of_reach_is_changed_by_a_helper(admin_client, helped_root, docker):
    answer = send(admin_client, "one", "two")
    assert answer.status_code == 201
    assert (helped_root / "folder" / "one").read_text() == "one"
    answer = post(admin_client, "delete-files", {"paths": ["/folder", "/gone"]})
    assert [each["success"] for each in answer.json()["results"]] == [True, False]
    assert os.listdir(helped_root) == ["first"]
    assert docker.containers(all=True) == []


def test_a_volume_in_memory_is_changed_while_it_is_used(
    admin_client, docker, busybox, make_container, settings
):
    settings.HELPER_IMAGE = busybox
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    docker.create_volume("memory", driver="local", driver_opts=options)
    answer = post(admin_client, "folder", {"path": "/", "name": "new"}, "memory")
    assert (answer.status_code, "is in memory" in answer.json()["error"]) == (409, True)
    web = make_container("web", host={"binds": ["memory:/data"]})
    answer = post(admin_client, "folder", {"path": "/", "name": "new"}, "memory")
    assert answer.status_code == 201
    assert run_in(docker, web, "ls", "/data") == "new\n"


def test_a_volume_that_stands_for_the_hosts_own_folder_is_not_changed(
    admin_client, docker, busybox, settings
):
    settings.HELPER_IMAGE = busybox
    options = {"type": "none", "device": "/etc", "o": "bind"}
    docker.create_volume("host", driver="local", driver_opts=options)
    answer = post(admin_client, "folder", {"path": "/", "name": "new"}, "host")
    assert (answer.status_code, "host's own system" in answer.json()["error"]) == (403, True)
    assert admin_client.get("/api/volume/host/explore").status_code == 200

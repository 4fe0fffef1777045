"""GET /api/backups"""

import pytest

from tests.backups.records import METADATA, make_record

pytestmark = pytest.mark.django_db


def filenames(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [backup["container_name"] for backup in answer.json()["backups"]]


def test_without_backups_the_list_is_empty(client):
    assert client.get("/api/backups").json() == {"backups": [], "total": 0}


def test_a_backup_is_described(client, backup):
    found = client.get("/api/backups").json()["backups"][0]
    metadata = found.pop("metadata")
    assert found == {
        "filename": backup.filename,
        "size": backup.size,
        "created": found["created"],
        "kind": "container",
        "container_name": "web",
        "image": "busybox:test",
        "sha256": backup.sha256,
        "verified": True,
        "origin": "made",
        "file": "present",
        "verified_at": found["verified_at"],
        "problem": "",
        "proved_at": None,
        "proof": "",
        "rehearsal_problem": "",
        "schedule": None,
        "alarm": None,
        "stack": "",
        "set_id": None,
    }
    assert found["verified_at"].endswith("Z")
    assert found["created"].endswith("Z")
    volume = metadata["volumes"][0]
    assert (volume["name"], volume["destination"], volume["type"]) == (
        "web_data",
        "/data",
        "volume",
    )
    assert (volume["size"], volume["files"]) == (8, 2)
    assert metadata["port_mappings"] == {"80/tcp": [{"host_ip": None, "host_port": 8080}]}
    assert {"key": "PASSWORD", "value": "s3cret"} in metadata["environment"]
    assert metadata["networks"] == ["bridge"]
    assert metadata["image_included"] is False


@pytest.mark.parametrize(
    ("saved", "told"),
    [
        (("127.0.0.1", "8080"), ("127.0.0.1", 8080)),
        (("", "8000-8010"), (None, "8000-8010")),
        (("", ""), (None, None)),
    ],
)
def test_ports_have_the_shape_that_those_of_containers_have(admin_client, saved, told):
    ports = {"80/tcp": [dict(zip(("host_ip", "host_port"), saved, strict=True))]}
    make_record(metadata=METADATA | {"port_mappings": ports})
    (found,) = admin_client.get("/api/backups").json()["backups"]
    (port,) = found["metadata"]["port_mappings"]["80/tcp"]
    assert (port["host_ip"], port["host_port"]) == told


def test_the_newest_comes_first(admin_client):
    make_record("old", age=2)
    make_record("new", age=0)
    make_record("between", age=1)
    assert filenames(admin_client.get("/api/backups")) == ["new", "between", "old"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=WEB", ["web", "web-db"]),
        ("search=postgres", ["web-db"]),
        ("search=20260503", ["web-db"]),
        ("search=web+postgres", ["web-db"]),
        ("search=%00", ["web", "web-db", "other"]),
        ("search=%25", []),
        ("search=_b", []),
        ("container=web", ["web"]),
        ("container=we", []),
        ("container=%00", []),
        (f"container={'c' * 64}", ["web", "web-db", "other"]),
        ("kind=container", ["web", "web-db"]),
        ("kind=network", ["other"]),
        ("page=2&page_size=2", ["other"]),
        ("page=9", []),
    ],
)
def test_it_can_be_narrowed(admin_client, query, expected):
    make_record("web", age=0)
    make_record("web-db", age=1, image="postgres:16")
    make_record("other", age=2, kind="network")
    assert filenames(admin_client.get(f"/api/backups?{query}")) == expected


def test_the_total_counts_what_is_on_no_page(admin_client):
    for age in range(5):
        make_record("web", age=age)
    answer = admin_client.get("/api/backups?page_size=2").json()
    assert (len(answer["backups"]), answer["total"]) == (2, 5)


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=x", "page=1e30", f"page={10**30}", "page_size=100000", "kind=x"],
)
def test_a_wrong_question_is_answered_with_400(admin_client, query):
    answer = admin_client.get(f"/api/backups?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["fields"]


def test_its_cost_does_not_grow(admin_client, django_assert_num_queries):
    make_record("web")
    admin_client.get("/api/backups")
    with django_assert_num_queries(4):
        admin_client.get("/api/backups")
    for age in range(1, 20):
        make_record("web", age=age)
    with django_assert_num_queries(4):
        admin_client.get("/api/backups")


def test_a_stranger_is_refused(stranger_client):
    assert stranger_client.get("/api/backups").status_code == 401

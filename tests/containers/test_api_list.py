"""GET /api/containers"""

import re

import pytest

from tests.engine_calls import recorded_calls

MEMBERS = {
    *("id", "short_id", "name", "image", "image_id", "status", "status_text", "health", "ports"),
    *("ip_address", "ip_addresses", "created", "mounts", "labels", "stack"),
}


def test_everybody_signed_in_sees_the_containers(client, make_container):
    made = make_container(
        "web", ports=[80], host={"port_bindings": {80: 8080}, "binds": ["data:/data"]}
    )
    answer = client.get("/api/containers")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json")
    (container,) = answer.json()["containers"]
    assert container.keys() == MEMBERS
    assert (container["id"], container["name"]) == (made, "web")
    assert container["ports"][0] == {
        "host_ip": "0.0.0.0",
        "host_port": 8080,
        "container_port": 80,
        "protocol": "tcp",
    }
    assert container["mounts"][0].keys() == {
        *("type", "name", "source", "destination", "read_only")
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", container["created"])


def test_a_stranger_is_refused(stranger_client, engine):
    answer = stranger_client.get("/api/containers")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["db", "web"]),
        ("?all=true", ["db", "web"]),
        ("?all=false", ["web"]),
        ("?search=we", ["web"]),
        ("?status=created", ["db"]),
        ("?status=", ["db", "web"]),
        ("?search=we&status=created", []),
    ],
)
def test_the_list_can_be_narrowed(admin_client, make_container, query, found):
    make_container("web")
    make_container("db", start=False)
    listed = admin_client.get(f"/api/containers{query}").json()["containers"]
    assert [container["name"] for container in listed] == found


@pytest.mark.parametrize(
    ("query", "field"),
    [("?status=asleep", "status"), ("?all=perhaps", "all"), (f"?search={'a' * 301}", "search")],
)
def test_what_makes_no_sense_is_named(admin_client, engine, query, field):
    answer = admin_client.get(f"/api/containers{query}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert field in answer.json()["fields"]


def test_an_engine_that_is_away_is_said_so(admin_client, engine):
    engine.kill()
    answer = admin_client.get("/api/containers")
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_unreachable")


def test_the_cost_does_not_grow_with_the_number(
    admin_client, make_container, django_assert_max_num_queries
):
    admin_client.get("/api/containers")
    for number in range(3):
        make_container(f"web-{number}", start=False)
        with django_assert_max_num_queries(2), recorded_calls() as calls:
            admin_client.get("/api/containers")
        assert len(calls) == 1


def test_hostile_labels_are_plain_text_in_json(admin_client, make_container):
    label = "</script><script>alert('1')</script>\n\x07"
    make_container("web", start=False, labels={"about": label})
    (container,) = admin_client.get("/api/containers").json()["containers"]
    assert container["labels"] == {"about": label}

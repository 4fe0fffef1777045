"""The audit trail as JSON."""

import pytest

from tests.accounts.trail.lines import add_line

JSON = {"content_type": "application/json"}


def test_tells_lines_and_where_to_go_on(admin_client):
    for number in range(3):
        add_line(number, target=str(number), details={"n": number}, address="192.0.2.7")
    told = admin_client.get("/api/audit", {"limit": 2}).json()
    assert [line["target"] for line in told["lines"]] == ["2", "1"]
    assert told["newer"] is None
    assert told["lines"][0] | {"id": 0} == {
        **{"id": 0, "time": "2026-03-01T12:02:00Z", "user": "ada", "address": "192.0.2.7"},
        **{"act": "container.start", "target": "2", "result": "done", "problem": ""},
        "details": {"n": 2},
    }
    told = admin_client.get("/api/audit", {"limit": 2, "before": told["older"]}).json()
    assert [line["target"] for line in told["lines"]] == ["0"]
    assert told["older"] is None
    told = admin_client.get("/api/audit", {"limit": 2, "after": told["newer"]}).json()
    assert [line["target"] for line in told["lines"]] == ["2", "1"]


def test_finds_by_what_is_asked_for(admin_client):
    add_line(0)
    add_line(1, username="otto", action="backup.delete")
    told = admin_client.get("/api/audit", {"act": "backup.*", "user": "otto"}).json()
    assert [line["user"] for line in told["lines"]] == ["otto"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        *(({"since": "x"}, "since"), ({"result": "x"}, "result"), ({"before": "x"}, "before")),
        *(({"after": "x"}, "after"), ({"limit": 501}, "limit"), ({"limit": 0}, "limit")),
    ],
)
def test_says_what_makes_no_sense(admin_client, query, field):
    answer = admin_client.get("/api/audit", query)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


def test_is_for_administrators(operator_client, viewer_client):
    for client in (operator_client, viewer_client):
        assert client.get("/api/audit").status_code == 403
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)("/api/audit", **JSON).status_code in (403, 405)

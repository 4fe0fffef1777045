"""Tokens as JSON."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiToken
from tests.accounts.tokens.conftest import Script

pytestmark = pytest.mark.django_db

BODY = {"name": "nightly", "role": "viewer", "expires_in_days": 30}


def post(client, body):
    return client.post("/api/tokens", body, content_type="application/json")


def test_makes_lists_and_deletes(operator_client):
    made = post(operator_client, BODY)
    assert made.status_code == 201
    details = made.json()["details"]
    assert Script(made.json()["token"]).get("/api/tokens").json()["tokens"][0]["last_address"]
    (listed,) = operator_client.get("/api/tokens").json()["tokens"]
    assert {name: listed[name] for name in ("id", "name", "role", "start", "expired")} == {
        "id": details["id"],
        "name": "nightly",
        "role": "viewer",
        "start": made.json()["token"][:7],
        "expired": False,
    }
    assert listed["expires_at"].endswith("Z")
    assert made.json()["token"] not in operator_client.get("/api/tokens").content.decode()
    assert operator_client.delete(f"/api/token/{listed['id']}").json() == {"success": True}
    assert operator_client.delete(f"/api/token/{listed['id']}").status_code == 404
    assert Script(made.json()["token"]).get("/api/tokens").status_code == 401


def test_the_answer_with_the_token_is_kept_by_nobody(operator_client):
    assert "no-store" in post(operator_client, BODY)["Cache-Control"]


def test_takes_a_moment_instead_of_days(operator_client):
    moment = timezone.now() + timedelta(days=3)
    body = {"name": "short", "role": "viewer", "expires_at": moment.isoformat()}
    told = post(operator_client, body).json()["details"]["expires_at"]
    assert abs(datetime.fromisoformat(told) - moment) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "\n"}, "name"),
        ({"name": None}, "name"),
        ({"role": "administrator"}, "role"),
        ({"role": "Viewer"}, "role"),
        ({"expires_in_days": 0}, "expires_in_days"),
        ({"expires_in_days": 367}, "expires_in_days"),
        ({"expires_in_days": None}, "expires_at"),
        ({"expires_at": "2100-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_in_days": None, "expires_at": "0001-01-01T00:00:00+14:00"}, "expires_at"),
        ({"expires_in_days": None, "expires_at": "9999-12-31T23:59:59-14:00"}, "expires_at"),
        ({"expires_in_days": None, "expires_at": "soon"}, "expires_at"),
        ({"user": "ada"}, "user"),
    ],
)
def test_what_is_wrong_names_its_field(change, field, operator_client):
    answer = post(operator_client, BODY | change)
    assert answer.status_code == 400, answer.content
    assert field in answer.json()["fields"]
    assert not ApiToken.objects.exists()


def test_a_name_that_is_taken_is_a_conflict(operator_client):
    assert [post(operator_client, BODY).status_code for _ in range(2)] == [201, 409]


def test_other_peoples_are_not_there(operator_client, admin_client):
    key = post(operator_client, BODY).json()["details"]["id"]
    assert admin_client.get("/api/tokens").json() == {"tokens": []}
    assert admin_client.delete(f"/api/token/{key}").status_code == 404
    assert admin_client.delete("/api/token/99999999999999999999999").status_code == 404
    assert ApiToken.objects.count() == 1

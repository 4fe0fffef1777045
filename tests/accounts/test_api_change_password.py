import pytest
from django.test import Client

from accounts.services import FIRST_PASSWORD
from tests.conftest import PASSWORD, signed_in

NEW = "staple every llama"


def change(client: Client, **body: object):
    return client.post("/api/change-password", body, content_type="application/json")


def test_changes_name_and_password(admin, admin_client):
    other = signed_in(admin)
    body = {"current_password": PASSWORD, "new_username": "grace", "new_password": NEW}
    answer = change(admin_client, **body)
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "username": "grace"}
    assert admin_client.get("/api/auth-status").json()["username"] == "grace"
    assert other.get("/api/auth-status").json()["authenticated"] is False


def test_needs_a_session(stranger_client):
    answer = change(stranger_client, current_password=PASSWORD, new_password=NEW)
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"


def test_needs_a_csrf_token(admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    answer = change(client, current_password=PASSWORD, new_password=NEW)
    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf_failed"


def test_opens_the_way_while_due(newcomer_client):
    assert newcomer_client.get("/api/containers").status_code == 403
    answer = change(newcomer_client, current_password=FIRST_PASSWORD, new_password=NEW)
    assert answer.status_code == 200
    assert newcomer_client.get("/api/auth-status").json()["must_change_password"] is False


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"current_password": "wrong", "new_password": NEW}, 400, "current_password"),
        ({"current_password": FIRST_PASSWORD, "new_password": "short"}, 400, "new_password"),
        ({"current_password": FIRST_PASSWORD, "new_password": "monkeydo"}, 400, "new_password"),
        ({"current_password": FIRST_PASSWORD, "new_username": "a b"}, 400, "new_username"),
        ({"current_password": FIRST_PASSWORD, "new_username": "ada"}, 409, "new_username"),
        ({"current_password": 7, "new_password": NEW}, 400, "current_password"),
        ({"new_password": NEW}, 400, "current_password"),
    ],
)
def test_names_the_field_at_fault(body, status, field, newcomer_client, admin):
    answer = change(newcomer_client, **body)
    assert answer.status_code == status
    assert list(answer.json()["fields"]) == [field]
    assert newcomer_client.get("/api/auth-status").json()["must_change_password"] is True


def test_needs_something_to_change(admin_client):
    answer = change(admin_client, current_password=PASSWORD)
    assert answer.status_code == 400
    assert "Give a new user name" in answer.json()["error"]


def test_a_stolen_session_cannot_guess_the_password_for_long(admin_client, clock):
    for _ in range(10):
        assert change(admin_client, current_password="x", new_password=NEW).status_code == 400
    answer = change(admin_client, current_password=PASSWORD, new_password=NEW)
    assert answer.status_code == 429

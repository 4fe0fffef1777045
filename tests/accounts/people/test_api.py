"""Users as JSON."""

import pytest

from accounts.models import User
from accounts.rights import Role
from tests.conftest import somebody

JSON = {"content_type": "application/json"}


def test_lists_users(admin_client, operator):
    told = admin_client.get("/api/users").json()
    assert told["count"] == 2
    assert [user["username"] for user in told["users"]] == ["ada", "otto"]
    assert told["users"][1] | {"joined": ""} == {
        "id": operator.pk,
        "username": "otto",
        "role": "operator",
        "groups": [],
        "has_own_rights": False,
        "is_active": True,
        "change_due": False,
        "last_sign_in": None,
        "joined": "",
        "issuer": None,
    }


def test_lists_some_of_them(admin_client, operator, viewer):
    asked = {"search": "o", "sort": "-name", "limit": 1}
    assert [user["username"] for user in admin_client.get("/api/users", asked).json()["users"]] == [
        "otto"
    ]
    assert admin_client.get("/api/users", {"offset": 2}).json()["users"][0]["username"] == "vera"
    assert admin_client.get("/api/users", {"limit": 0}).status_code == 400


@pytest.mark.parametrize("person", ["operator", "viewer"])
def test_is_for_administrators(person, request, viewer):
    client = request.getfixturevalue(f"{person}_client")
    for method, path in (
        *(("get", "/api/users"), ("post", "/api/users")),
        *((method, f"/api/user/{viewer.pk}") for method in ("get", "patch", "delete")),
    ):
        answer = getattr(client, method)(path, **JSON)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_makes_a_user_with_a_password_to_be_shown_once(admin_client):
    answer = admin_client.post("/api/users", {"username": "nina", "role": "viewer"}, **JSON)
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    user = User.objects.get(username="nina")
    assert user.check_password(answer.json()["one_time_password"])
    assert "password" not in admin_client.get(f"/api/user/{user.pk}").json()


def test_does_not_repeat_one_that_was_given(admin_client):
    body = {"username": "nina", "role": "viewer", "password": "staple every llama"}
    answer = admin_client.post("/api/users", body, **JSON)
    assert answer.json()["one_time_password"] is None
    assert "staple" not in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "nina", "role": "king"}, "role"),
        ({"username": "nina"}, "role"),
        ({"username": "a b", "role": "viewer"}, "username"),
        ({"username": "nina", "role": "viewer", "is_superuser": True}, "is_superuser"),
    ],
)
def test_says_what_is_wrong(admin_client, body, field):
    answer = admin_client.post("/api/users", body, **JSON)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


def test_changes_a_user(admin_client, operator):
    path = f"/api/user/{operator.pk}"
    body = {"username": "otis", "role": "viewer", "is_active": False, "reset_password": True}
    told = admin_client.patch(path, body, **JSON).json()
    operator.refresh_from_db()
    assert operator.check_password(told["one_time_password"])
    assert (told["user"]["username"], told["user"]["role"]) == ("otis", "viewer")
    assert (told["user"]["is_active"], told["user"]["change_due"]) == (False, True)
    assert admin_client.patch(path, {}, **JSON).status_code == 400
    assert admin_client.patch(path, {"role": "king"}, **JSON).status_code == 400


def test_refuses_what_would_leave_no_administrator_or_shut_one_out(admin_client, admin):
    path = f"/api/user/{admin.pk}"
    for answer in (
        admin_client.patch(path, {"role": "viewer"}, **JSON),
        admin_client.patch(path, {"is_active": False}, **JSON),
        admin_client.delete(path),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_deletes_a_user(admin_client):
    zoe = somebody("zoe", Role.ADMINISTRATOR)
    assert admin_client.delete(f"/api/user/{zoe.pk}").json() == {"success": True}
    assert admin_client.get(f"/api/user/{zoe.pk}").status_code == 404
    assert admin_client.delete(f"/api/user/{zoe.pk}").status_code == 404
    assert admin_client.get(f"/api/user/{2**70}").status_code == 400

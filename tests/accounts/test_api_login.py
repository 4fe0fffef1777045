import pytest
from django.test import Client

from accounts.services import FIRST_PASSWORD, FIRST_USERNAME
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
RIGHT = {"username": "ada", "password": PASSWORD}


def login(client: Client, body: object = None, content_type: str = "application/json"):
    return client.post("/api/login", RIGHT if body is None else body, content_type=content_type)


def test_starts_a_session_without_a_csrf_token(admin):
    client = Client(enforce_csrf_checks=True)
    answer = login(client)
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "username": "ada"}
    assert answer.cookies["sessionid"]["httponly"]
    assert client.get("/api/auth-status").json()["username"] == "ada"


def test_says_the_same_of_an_unknown_user_and_a_wrong_password(admin):
    unknown = login(Client(), {"username": "nobody", "password": PASSWORD})
    wrong = login(Client(), {"username": "ada", "password": "wrong"})
    assert (unknown.status_code, wrong.status_code) == (401, 401)
    assert unknown.json() == wrong.json()
    assert unknown.json()["code"] == "wrong_credentials"
    assert "sessionid" not in wrong.cookies


def test_works_while_a_change_of_the_password_is_due(newcomer):
    answer = login(Client(), {"username": FIRST_USERNAME, "password": FIRST_PASSWORD})
    assert answer.status_code == 200


def test_says_when_to_come_again(admin, clock):
    client = Client()
    wrong = {"username": "ada", "password": "wrong"}
    statuses = [login(client, wrong).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    refused = login(client)
    assert refused.status_code == 429
    assert refused.json()["code"] == "rate_limited"
    assert 1 <= int(refused["Retry-After"]) <= 60


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""],
)
def test_takes_nothing_but_json(content_type, admin):
    body = '{"username": "ada", "password": "correct horse battery"}'
    answer = login(Client(), body, content_type)
    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported_media_type"


def test_takes_json_with_a_charset(admin):
    assert login(Client(), RIGHT, "application/json; charset=utf-8").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"username": "\xff", "password": "x"}',
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b"{}",
        b'{"username": "ada"}',
        b'{"username": null, "password": null}',
        b'{"username": ["ada"], "password": {"a": 1}}',
        b'{"username": 7, "password": true}',
        b'{"username": "\\ud800", "password": "x"}',
        b'{"username": "' + b"a" * 5000 + b'", "password": "x"}',
        b'{"username": "ada", "password": "' + b"a" * 5000 + b'"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 10_000,
    ],
)
def test_refuses_what_it_cannot_understand(body, admin):
    answer = login(Client(), body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert answer.json()["error"]


@pytest.mark.parametrize("name", ["ada\0", "\0", "ada\r\nX: y", "‮ada", "<script>", "a" * 150])
def test_odd_names_are_wrong_ones(name, admin):
    assert login(Client(), {"username": name, "password": PASSWORD}).status_code == 401


def test_refuses_what_is_too_large(admin, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = login(Client(), {"username": "ada", "password": "x" * 2000})
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


def test_takes_nothing_but_post(admin):
    answer = Client().get("/api/login")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert answer.json()["code"] == "method_not_allowed"

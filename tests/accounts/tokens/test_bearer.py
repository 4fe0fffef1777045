"""What a token opens, and what it does not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import limits
from accounts.models import ApiToken, AuditEntry, User
from accounts.rights import Role
from containermonkey.asgi import application
from tests.accounts.tokens.conftest import Script
from tests.conftest import PASSWORD, signed_in
from tests.sockets import Socket

VIEWER, OPERATOR, ADMINISTRATOR = Role

pytestmark = pytest.mark.django_db


def test_a_call_needs_neither_cookie_nor_csrf_token(make, admin):
    script = Script(make(admin, ADMINISTRATOR).secret)
    assert script.get("/api/schedules").status_code == 200
    answer = script.post("/api/schedules", {"name": "nightly", "expression": "30 2 * * *"})
    assert answer.status_code == 201
    assert not answer.cookies


def test_the_scheme_may_be_written_in_any_case(make, viewer):
    secret = make(viewer).secret
    for scheme in ("Bearer", "bearer", "BEARER"):
        answer = Client().get("/api/tokens", headers={"Authorization": f"{scheme}  {secret}"})
        assert answer.status_code == 200


def test_it_may_do_what_its_role_may(make, admin, settings):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    script = Script(make(admin, OPERATOR).secret)
    assert script.post("/api/container/web/start").status_code == 503
    refused = script.delete("/api/container/web/delete")
    assert refused.status_code == 403
    assert refused.json()["code"] == "not_allowed"
    assert "signed in as an operator" in refused.json()["error"]


def test_the_audit_trail_says_which_token_it_was(make, admin):
    schedule = {"name": "nightly", "expression": "30 2 * * *"}
    script = Script(make(admin, ADMINISTRATOR, "of the night").secret)
    assert script.post("/api/schedules", schedule).status_code == 201
    line = AuditEntry.objects.first()
    assert (line.username, line.action, line.result) == ("ada", "schedule.create", "done")
    assert line.details["token"] == "of the night"
    limited = Script(make(admin, VIEWER, "of the day").secret)
    assert limited.post("/api/schedules", schedule).status_code == 403
    assert AuditEntry.objects.first().details["token"] == "of the day"
    weekly = schedule | {"name": "weekly"}
    signed_in(admin).post("/api/schedules", weekly, content_type="application/json")
    assert "token" not in AuditEntry.objects.first().details


@pytest.mark.parametrize("secret", ["", "x", "cm_" + "0" * 64, "Bearer x", "\xff"])
def test_a_wrong_one_is_nobody_even_beside_a_cookie(secret, admin_client):
    assert admin_client.get("/api/tokens").status_code == 200
    answer = Script(secret, admin_client).get("/api/tokens")
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_invalid"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert Script(secret, admin_client).get("/api/auth-status").json()["authenticated"] is False


def test_one_that_has_expired_is_nobody_even_beside_a_cookie(make, admin, admin_client):
    made = make(admin)
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Script(made.secret, admin_client).get("/api/tokens").status_code == 401


def test_that_of_somebody_switched_off_is_nobody(make, viewer):
    script = Script(make(viewer).secret)
    User.objects.update(is_active=False)
    assert script.get("/api/tokens").status_code == 401


def test_a_password_that_is_due_stops_it(make, viewer, settings):
    settings.ALLOW_DEFAULT_PASSWORD = False
    script = Script(make(viewer).secret)
    User.objects.update(must_change_password=True)
    answer = script.get("/api/tokens")
    assert answer.status_code == 403
    assert answer.json()["code"] == "password_change_required"


def test_it_counts_beside_the_cookie_of_somebody_else(make, viewer, admin_client):
    answer = Script(make(viewer).secret, admin_client).get("/api/auth-status")
    assert answer.json()["username"] == "vera"


def test_another_scheme_is_none_of_ours(admin_client):
    headers = {"Authorization": "Basic YWRhOmFkYQ=="}
    assert admin_client.get("/api/tokens", headers=headers).status_code == 200
    assert Client().get("/api/tokens", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/containers/", "/accounts/tokens/", "/accounts/tokens/new/"]
)
def test_it_opens_no_page(path, make, admin):
    answer = Script(make(admin, ADMINISTRATOR).secret).get(path)
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/sign-in/")


def test_it_does_not_open_the_administration(make, admin):
    answer = Script(make(admin, ADMINISTRATOR).secret).get("/admin/")
    assert answer.status_code == 302
    assert "/accounts/sign-in/" in answer.url


@pytest.mark.django_db(transaction=True)
async def test_it_opens_no_socket(admin):
    from asgiref.sync import sync_to_async

    from accounts.tokens.services import make_token

    expires_at = timezone.now() + timedelta(days=1)
    made = await sync_to_async(make_token)(admin, "script", ADMINISTRATOR, expires_at)
    headers = [
        (b"authorization", f"Bearer {made.secret}".encode()),
        (b"host", b"testserver"),
        (b"origin", b"http://testserver"),
    ]
    socket = Socket(application, "/ws/progress", headers=headers)
    assert (await socket.connect())[0] is False
    await socket.wait()


def test_it_makes_no_token_and_deletes_none(make, admin):
    made = make(admin, ADMINISTRATOR)
    script = Script(made.secret)
    body = {"name": "more", "role": "viewer", "expires_in_days": 7}
    for answer in (
        script.post("/api/tokens", body),
        script.delete(f"/api/token/{made.token.pk}"),
        script.post(
            "/api/change-password",
            {"current_password": PASSWORD, "new_password": "staple every llama"},
        ),
    ):
        assert answer.status_code == 403
        assert answer.json()["code"] == "session_required"
    assert ApiToken.objects.count() == 1
    assert User.objects.get().check_password(PASSWORD)


def test_signing_out_by_it_ends_no_session(make, admin, admin_client):
    assert Script(make(admin).secret, admin_client).post("/api/logout").status_code == 200
    assert admin_client.get("/api/tokens").status_code == 200


def test_a_download_is_sent_to_it(make, operator, data_dir):
    answer = Script(make(operator, OPERATOR).secret).get("/api/download/none.tar.gz")
    assert answer.status_code == 404
    assert (
        Script(make(operator, VIEWER, "other").secret).get("/api/download/none.tar.gz").status_code
        == 403
    )


def test_wrong_ones_are_limited_and_right_ones_let_in(make, viewer, clock):
    wrong, right = Script("cm_" + "0" * 64), Script(make(viewer).secret)
    most = int(limits.WRONG_TOKENS_PER_ADDRESS.partition("/")[0])
    statuses = [wrong.get("/api/tokens").status_code for _ in range(most + 1)]
    assert statuses == [401] * most + [429]
    assert 1 <= int(wrong.get("/api/tokens")["Retry-After"]) <= 60
    assert right.get("/api/tokens").status_code == 200
    elsewhere = wrong.get("/api/tokens", REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 401
    login = {"username": "vera", "password": PASSWORD}
    answer = Client().post("/api/login", login, content_type="application/json")
    assert answer.status_code == 200


def test_the_description_of_the_api_says_both_ways():
    from containermonkey.api import api

    schema = api.get_openapi_schema()
    schemes = schema["components"]["securitySchemes"]
    assert schemes["Session"]["in"] == "cookie"
    assert (schemes["Token"]["type"], schemes["Token"]["scheme"]) == ("http", "bearer")
    both, session = [{"Session": []}, {"Token": []}], [{"Session": []}]
    assert schema["paths"]["/api/containers"]["get"]["security"] == both
    assert schema["paths"]["/api/tokens"]["post"]["security"] == session
    assert "security" not in schema["paths"]["/api/login"]["post"]

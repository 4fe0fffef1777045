"""Those who come from the provider, among the other users."""

import re
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Identity, SecondFactor, Session, User
from accounts.oidc import people
from accounts.people.last import LastAdministrator, an_administrator_stays
from accounts.rights import Role
from accounts.second_factor import services as second_factor

pytestmark = pytest.mark.django_db


@pytest.fixture
def grace_client(come: Any) -> Client:
    """Grace, who came from the provider and is an operator."""
    client = Client()
    assert come(client).status_code == 302
    return client


@pytest.fixture
def grace(grace_client: Client) -> User:
    return User.objects.get(username="grace")


def test_pages_say_where_somebody_comes_from(grace, provider, admin_client):
    listed = admin_client.get("/accounts/users/")
    assertContains(listed, "None: Our Cloud")
    assertContains(listed, "Their own")
    page = admin_client.get(f"/accounts/users/{grace.pk}/")
    assertContains(page, "none; they sign in through Our Cloud")
    assertContains(page, provider.url)
    assertContains(page, "4711")
    for address in ("role", "password"):
        assertNotContains(page, f"/accounts/users/{grace.pk}/{address}/")
        assertNotContains(listed, f"/accounts/users/{grace.pk}/{address}/")


def test_the_list_asks_no_more_for_many(come, provider, admin_client):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            admin_client.get("/accounts/users/")
        return len(asked)

    come()
    for_one = queries()
    for number in range(5):
        provider.person |= {"sub": f"n{number}"}
        come()
    assert queries() == for_one


def test_the_api_and_the_command_say_it_too(grace, provider, admin_client, admin):
    users = {user["username"]: user for user in admin_client.get("/api/users").json()["users"]}
    assert (users["grace"]["issuer"], users["ada"]["issuer"]) == (provider.url, None)
    out = StringIO()
    call_command("list_users", stdout=out)
    assert re.search("^grace .*signs in through Our Cloud$", out.getvalue(), re.MULTILINE)


def test_the_administration_pages_say_it_too(grace, provider, admin_client):
    there = f"4711 at {provider.url}"
    assertContains(admin_client.get("/admin/accounts/user/"), there)
    assertContains(admin_client.get(f"/admin/accounts/user/{grace.pk}/change/"), there)


def test_nobody_gives_them_a_password(grace, admin_client):
    answer = admin_client.patch(
        f"/api/user/{grace.pk}", {"reset_password": True}, content_type="application/json"
    )
    assert answer.status_code == 409
    assert answer.json()["error"] == "grace signs in through Our Cloud and has no password here."
    with pytest.raises(CommandError, match="has no password here"):
        call_command("reset_password", "grace")
    grace.refresh_from_db()
    assert not grace.has_usable_password()


def test_a_password_never_lets_them_in(grace):
    for password in ("", "!", grace.password):
        body = {"username": "grace", "password": password}
        answer = Client().post("/api/login", body, content_type="application/json")
        assert answer.status_code == 401


def test_the_role_is_changed_where_it_is_said(grace, admin_client, configure):
    def change() -> Any:
        body = {"role": "administrator"}
        return admin_client.patch(f"/api/user/{grace.pk}", body, content_type="application/json")

    assert change().status_code == 409
    assert "change their groups there" in change().json()["error"]
    configure(viewers=[], operators=[], administrators=[], default_role="viewer")
    assert change().status_code == 200


def test_they_are_renamed_and_switched_off_as_others(grace, grace_client, admin_client, come):
    address = f"/api/user/{grace.pk}"
    body = {"username": "hopper", "is_active": False}
    answer = admin_client.patch(address, body, content_type="application/json")
    assert answer.json()["user"]["username"] == "hopper"
    assert not grace_client.get("/api/auth-status").json()["authenticated"]
    assert come().status_code == 403


def test_who_is_deleted_may_come_back_and_the_question_says_so(grace, admin_client, come):
    page = admin_client.get(f"/accounts/users/{grace.pk}/delete/")
    assertContains(page, "Our Cloud may let them in anew")
    assert admin_client.delete(f"/api/user/{grace.pk}").status_code == 200
    assert not Identity.objects.exists()
    assert come().status_code == 302


def test_an_administrator_from_there_is_not_the_last_one(come, provider, admin):
    provider.person["groups"] = ["admins"]
    come()
    with pytest.raises(LastAdministrator), an_administrator_stays():
        admin.delete()


def test_two_requests_at_once_make_one_user(grace, settings):
    claims = {"sub": "4711", "preferred_username": "another"}
    assert people.make(settings.OIDC, claims, Role.VIEWER) == grace
    assert User.objects.count() == 1


def test_their_own_pages_speak_of_no_password(grace_client):
    page = grace_client.get("/accounts/password/")
    assertContains(page, "You sign in through Our Cloud, and change your password there.")
    assertNotContains(page, 'type="password"')
    User.objects.update(must_change_password=True)
    assert grace_client.get("/accounts/sessions/").status_code == 200
    body = {"current_password": "x", "new_password": "staple every llama"}
    answer = grace_client.post("/api/change-password", body, content_type="application/json")
    assert answer.status_code == 409


def test_who_comes_from_a_former_provider_is_told_by_its_host(grace, settings, admin_client):
    settings.OIDC = None
    assertContains(
        admin_client.get(f"/accounts/users/{grace.pk}/"), "they sign in through 127.0.0.1"
    )
    assertContains(admin_client.get("/accounts/users/"), "None: 127.0.0.1")


# Their second factor


def switch_on(client: Client) -> Any:
    secret = client.get("/accounts/second-factor/set-up/").context["secret"]
    code = second_factor.pyotp.TOTP(secret).now()
    return client.post("/accounts/second-factor/set-up/", {"otp": code})


def test_a_second_factor_is_switched_on_without_a_password(grace_client, grace):
    for words in ("up to your provider", "is up to Our Cloud and does not ask for it"):
        assertContains(grace_client.get("/accounts/second-factor/"), words)
    assertNotContains(grace_client.get("/accounts/second-factor/set-up/"), 'type="password"')
    assertContains(switch_on(grace_client), "The second factor is on")
    assert second_factor.is_on(grace)


def test_it_takes_a_sign_in_of_just_now(grace_client, grace):
    long_ago = timezone.now() - timedelta(minutes=11)
    Session.objects.filter(user=grace).update(begun_at=long_ago)
    answer = switch_on(grace_client)
    assertContains(answer, "This takes a sign-in within the last ten minutes", status_code=422)
    assert not second_factor.is_on(grace)


def test_the_provider_asks_at_the_sign_in_and_we_before_far_reaching_acts(
    grace_client, grace, come, settings, docker, busybox, make_container
):
    settings.FRESH_CODE = 600
    second_factor.keep(grace, second_factor.pyotp.random_base32(), 0)
    client = Client()
    assert come(client, next="/jobs/").url == "/jobs/"
    make_container("box")
    answer = client.get("/console/box")
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/second-factor/confirm/?next=")


def test_it_is_switched_off_by_a_code(grace_client, grace, monkeypatch):
    switch_on(grace_client)
    secret = SecondFactor.objects.get().secret
    later = time.time() + 30
    monkeypatch.setattr(second_factor.time, "time", lambda: later)
    code = second_factor.pyotp.TOTP(second_factor.decrypted(secret)).at(later)
    grace_client.post("/accounts/second-factor/off/", {"otp": code})
    assert not second_factor.is_on(grace)

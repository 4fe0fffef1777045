"""How long a session lasts, what is known of it, and when its key changes."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Session, User
from accounts.rights import Role
from accounts.roles import give_role
from accounts.sessions.store import SessionStore
from tests.accounts.sessions.conftest import FIREFOX
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def key_of(client: Client) -> str:
    return client.cookies["sessionid"].value


def is_signed_in(client: Client) -> bool:
    return client.get("/api/auth-status").json()["authenticated"]


def test_a_session_knows_whose_it_is_and_from_where(browser_of, operator):
    browser_of("otto", "192.0.2.9")
    row = Session.objects.get()
    assert (row.user, row.address, row.agent) == (operator, "192.0.2.9", FIREFOX)
    assert timezone.now() - row.begun_at < timedelta(minutes=1)
    assert row.get_session_store_class() is SessionStore


def test_it_is_over_when_it_was_idle(browser_of, operator, settings):
    client = browser_of("otto")
    almost = timezone.now() - timedelta(seconds=settings.SESSION_IDLE - 30)
    Session.objects.update(last_seen_at=almost)
    assert is_signed_in(client)
    Session.objects.update(last_seen_at=almost - timedelta(seconds=60))
    assert not is_signed_in(client)


def test_it_is_over_some_time_after_the_sign_in_whatever_is_done_in_it(
    browser_of, operator, settings
):
    client = browser_of("otto")
    before = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE - 60)
    Session.objects.update(begun_at=before)
    client.post("/accounts/sessions/end-others/")  # its message is kept in the session
    row = Session.objects.get()
    assert row.begun_at == before
    assert row.expire_date == before + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not is_signed_in(client)


def test_being_seen_is_written_down_once_a_minute(browser_of, operator):
    client = browser_of("otto")
    client.get("/api/auth-status", REMOTE_ADDR="192.0.2.2")
    assert Session.objects.get().address == "192.0.2.1"
    Session.objects.update(last_seen_at=timezone.now() - timedelta(seconds=61))
    client.get("/api/auth-status", REMOTE_ADDR="192.0.2.2")
    row = Session.objects.get()
    assert row.address == "192.0.2.2"
    assert timezone.now() - row.last_seen_at < timedelta(seconds=30)


def test_its_name_stays_and_tells_nothing_of_the_key(browser_of, operator):
    client = browser_of("otto")
    before = Session.objects.get()
    client.post("/accounts/sessions/end-others/")
    assert Session.objects.get().reference == before.reference
    page = client.get("/accounts/sessions/").content.decode()
    assert key_of(client) not in page


@pytest.mark.parametrize("again", ["form", "api"])
def test_the_key_is_another_after_each_sign_in(again, browser_of, operator):
    client = browser_of("otto")
    before = key_of(client)
    who = {"username": "otto", "password": PASSWORD}
    if again == "form":
        client.post("/accounts/sign-in/", who)
    else:
        client.post("/api/login", who, content_type="application/json")
    assert key_of(client) != before
    assert Session.objects.get().session_key == key_of(client)


def test_the_key_is_another_after_a_change_of_rights(browser_of, operator):
    client = browser_of("otto")
    row, before = Session.objects.get(), key_of(client)
    client.get("/accounts/sessions/")
    assert key_of(client) == before
    give_role(User.objects.get(), Role.ADMINISTRATOR)
    assert client.get("/accounts/sessions/").status_code == 200
    assert key_of(client) != before
    assert is_signed_in(client)
    assert Session.objects.get().begun_at == row.begun_at
    old = Client()
    old.cookies["sessionid"] = before
    assert not is_signed_in(old)


def test_only_one_of_two_requests_at_once_changes_the_key(browser_of, operator):
    client = browser_of("otto")
    one, other = SessionStore(key_of(client)), SessionStore(key_of(client))
    assert one["rights"] == other["rights"]
    assert (one.rotate(), other.rotate()) == (True, False)
    assert Session.objects.count() == 1


def test_what_is_over_goes_with_the_next_sign_in(browser_of, operator, viewer, settings):
    browser_of("otto")
    browser_of("otto")
    idle, over = Session.objects.all()
    Session.objects.filter(pk=idle.pk).update(
        last_seen_at=timezone.now() - timedelta(seconds=settings.SESSION_IDLE + 1)
    )
    Session.objects.filter(pk=over.pk).update(expire_date=timezone.now())
    browser_of("vera")
    assert Session.objects.get().user == viewer


def test_whoever_is_deleted_has_no_session(browser_of, operator):
    client = browser_of("otto")
    operator.delete()
    assert not Session.objects.exists()
    assert not is_signed_in(client)


async def test_it_can_be_used_by_asynchronous_code(transactional_db):
    from asgiref.sync import sync_to_async

    user = await sync_to_async(User.objects.create_user)("otto")
    store = SessionStore()
    await store.aset("_auth_user_id", str(user.pk))
    await store.asave()
    assert (await Session.objects.aget()).user_id == user.pk
    assert await SessionStore(store.session_key).aget("_auth_user_id") == str(user.pk)

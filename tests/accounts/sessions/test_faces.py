"""Sessions listed and ended, on the page and as JSON."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Session, User
from accounts.sessions import services
from accounts.sessions.agents import words_of
from tests.accounts.sessions.conftest import FIREFOX
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def is_signed_in(client: Client) -> bool:
    return client.get("/api/auth-status").json()["authenticated"]


def listed(client: Client) -> list[dict]:
    return client.get("/api/sessions").json()["sessions"]


def test_ones_own_are_listed_this_one_first(browser_of, operator, viewer):
    here, there = browser_of("otto", "192.0.2.1"), browser_of("otto", "192.0.2.2", "curl/8.1")
    browser_of("vera")
    (this, other) = listed(here)
    assert (this["is_this"], this["address"], this["browser"]) == (
        True,
        "192.0.2.1",
        "Firefox on Linux",
    )
    assert (other["is_this"], other["address"], other["browser"]) == (
        False,
        "192.0.2.2",
        "curl/8.1",
    )
    assert this["begun_at"].endswith("Z")
    page = there.get("/accounts/sessions/").content.decode()
    assert page.count("This one") == 1
    assert "Firefox on Linux" in page and "192.0.2.1" in page


def test_one_is_ended_by_the_page(browser_of, operator):
    here, there = browser_of("otto"), browser_of("otto")
    reference = listed(there)[0]["reference"]
    answer = here.post(f"/accounts/sessions/{reference}/end/")
    assert answer.url == "/accounts/sessions/"
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)
    assert here.post(f"/accounts/sessions/{reference}/end/").status_code == 404


def test_one_is_ended_by_the_api(browser_of, operator):
    here, there = browser_of("otto"), browser_of("otto")
    path = f"/api/session/{listed(there)[0]['reference']}"
    assert here.delete(path).json() == {"success": True}
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)
    assert here.delete(path).status_code == 404
    assert here.delete("/api/session/x").status_code == 400
    assert here.delete(f"/api/session/{uuid.uuid4()}").status_code == 404


@pytest.mark.parametrize("path", ["/accounts/sessions/end-others/", "/api/sessions/end-others"])
def test_all_others_are_ended(path, browser_of, operator, viewer):
    here, there, elsewhere = browser_of("otto"), browser_of("otto"), browser_of("vera")
    answer = here.post(path, content_type="application/json")
    assert answer.status_code in {200, 302}
    assert [is_signed_in(client) for client in (here, there, elsewhere)] == [True, False, True]
    line = AuditEntry.objects.get(action="session.end")
    assert (line.username, line.details["ended"]) == ("otto", 1)


def test_other_peoples_are_not_there(browser_of, operator, admin):
    theirs, mine = browser_of("otto"), browser_of("ada")
    reference = listed(theirs)[0]["reference"]
    assert len(listed(mine)) == 1
    assert mine.post(f"/accounts/sessions/{reference}/end/").status_code == 404
    assert mine.delete(f"/api/session/{reference}").status_code == 404
    assert is_signed_in(theirs)


def test_ending_this_one_is_signing_out(browser_of, operator):
    client = browser_of("otto")
    assert client.delete(f"/api/session/{listed(client)[0]['reference']}").status_code == 200
    assert not is_signed_in(client)


@pytest.mark.parametrize("face", ["page", "api"])
def test_a_changed_password_ends_all_others(face, browser_of, operator):
    here, there = browser_of("otto"), browser_of("otto")
    new = "staple every llama"
    if face == "page":
        form = {"current_password": PASSWORD, "new_password": new, "repeated_password": new}
        here.post("/accounts/password/", form)
    else:
        body = {"current_password": PASSWORD, "new_password": new}
        here.post("/api/change-password", body, content_type="application/json")
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)
    assert [each["is_this"] for each in listed(here)] == [True]
    assert Session.objects.count() == 1


def test_those_that_a_password_set_elsewhere_has_ended_are_not_listed(browser_of, operator):
    browser_of("otto")
    user = User.objects.get()
    user.set_password("staple every llama")
    user.save()
    here = browser_of("otto", password="staple every llama")
    assert [each["is_this"] for each in listed(here)] == [True]


def test_an_administrator_can_end_all_of_somebody(browser_of, operator, viewer):
    clients = [browser_of("otto"), browser_of("otto"), browser_of("vera")]
    assert services.end_all(operator, "the laptop was stolen") == 2
    assert [is_signed_in(client) for client in clients] == [False, False, True]


def test_the_list_costs_the_same_however_long(browser_of, operator):
    here = browser_of("otto")
    with CaptureQueriesContext(connection) as one:
        here.get("/accounts/sessions/")
    for _ in range(5):
        browser_of("otto")
    with CaptureQueriesContext(connection) as six:
        here.get("/accounts/sessions/")
    assert len(one) == len(six)


def test_what_a_browser_says_is_text(browser_of, operator):
    client = browser_of("otto", agent="<script>x</script>" + "y" * 5000)
    page = client.get("/accounts/sessions/").content.decode()
    assert "<script>x" not in page and "&lt;script&gt;x" in page


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        ("python-requests/2.32", "python-requests/2.32"),
        ("", "Unknown program"),
        (" ", "Unknown program"),
    ],
)
def test_browsers_are_called_by_their_names(agent, words):
    assert words_of(agent) == words

"""The pages of tokens."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiToken
from tests.accounts.tokens.conftest import Script

pytestmark = pytest.mark.django_db

FORM = {"name": "nightly", "role": "viewer", "life": "30"}
SECRET = re.compile("cm_[0-9a-f]{64}")


def make(client, **changes):
    return client.post("/accounts/tokens/new/", FORM | changes)


def test_a_new_one_is_shown_once_and_stored_by_no_browser(operator_client):
    page = make(operator_client)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    (secret,) = set(SECRET.findall(page.content.decode()))
    assert Script(secret).get("/api/tokens").status_code == 200
    listed = operator_client.get("/accounts/tokens/").content.decode()
    assert "nightly" in listed and "As viewer" in listed and secret[:7] in listed
    assert not SECRET.search(listed)


def test_sending_the_form_again_makes_no_other(operator_client):
    make(operator_client)
    again = make(operator_client)
    assert again.status_code == 422
    assert "nightly already" in again.content.decode()
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Say what the token is for"),
        ({"role": ""}, "Choose what it may do"),
        ({"role": "administrator"}, "administrator is not one"),
        ({"life": "0"}, "not one of the available"),
        ({"life": "date"}, "Give the day"),
        ({"life": "date", "expires_at": "soon"}, "A day, as"),
        ({"life": "date", "expires_at": "2001-01-01"}, "over already"),
        ({"life": "date", "expires_at": "2199-01-01"}, "a year at most"),
    ],
)
def test_what_is_wrong_stands_in_the_form(changes, said, operator_client):
    page = make(operator_client, **changes)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not ApiToken.objects.exists()


def test_a_day_is_valid_to_its_end(operator_client):
    day = (timezone.now() + timedelta(days=3)).date()
    assert make(operator_client, life="date", expires_at=day.isoformat()).status_code == 200
    assert ApiToken.objects.get().expires_at.isoformat().startswith(f"{day}T23:59:59")


def test_whoever_has_no_role_is_told_so(viewer_client, viewer):
    viewer.groups.clear()
    page = viewer_client.get("/accounts/tokens/new/")
    assert page.status_code == 200
    assert "You have no role" in page.content.decode()


def test_one_is_deleted_after_a_question(operator_client):
    (secret,) = set(SECRET.findall(make(operator_client).content.decode()))
    path = f"/accounts/tokens/{ApiToken.objects.get().pk}/delete/"
    assert "let in no more" in operator_client.get(path).content.decode()
    assert operator_client.post(path).url == "/accounts/tokens/"
    assert Script(secret).get("/api/tokens").status_code == 401


def test_other_peoples_are_not_there(operator_client, admin_client):
    make(operator_client)
    path = f"/accounts/tokens/{ApiToken.objects.get().pk}/delete/"
    assert "nightly" not in admin_client.get("/accounts/tokens/").content.decode()
    assert admin_client.get(path).status_code == 404
    assert admin_client.post(path).status_code == 404
    assert ApiToken.objects.count() == 1


def test_an_expired_one_is_called_so(operator_client):
    make(operator_client)
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "Expired" in operator_client.get("/accounts/tokens/").content.decode()


def test_the_list_costs_the_same_however_long(operator_client):
    make(operator_client)
    with CaptureQueriesContext(
        connection,
    ) as one:
        operator_client.get("/accounts/tokens/")
    for number in range(5):
        make(operator_client, name=f"script {number}")
    with CaptureQueriesContext(connection) as six:
        operator_client.get("/accounts/tokens/")
    assert len(six) == len(one)


def test_names_are_text(operator_client):
    page = make(operator_client, name="<script>x</script>").content.decode()
    assert "<script>x" not in page + operator_client.get("/accounts/tokens/").content.decode()


def test_administrators_see_all_of_them_in_the_administration(operator_client, admin_client):
    make(operator_client)
    page = admin_client.get("/admin/accounts/apitoken/").content.decode()
    assert "nightly" in page and ApiToken.objects.get().digest not in page

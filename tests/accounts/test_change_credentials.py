import pytest
from django.contrib.auth import login
from django.db import IntegrityError
from django.test import Client

from accounts import services
from accounts.models import User
from accounts.problems import UsernameTaken, WrongCurrentPassword
from accounts.services import FIRST_PASSWORD, change_credentials, change_due
from containermonkey.problems import Conflict, Invalid
from tests.conftest import PASSWORD, signed_in

pytestmark = pytest.mark.django_db
NEW = "staple every llama"


@pytest.fixture
def request_by(request_of):
    def make(user: User):
        request = request_of()
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return request

    return make


def test_changes_the_password(admin, request_by):
    change_credentials(request_by(admin), PASSWORD, new_password=NEW)
    admin.refresh_from_db()
    assert admin.check_password(NEW)
    assert admin.username == "ada"


def test_changes_the_name_alone(admin, request_by):
    change_credentials(request_by(admin), PASSWORD, new_username="grace")
    admin.refresh_from_db()
    assert admin.username == "grace"
    assert admin.check_password(PASSWORD)


def test_changes_both(admin, request_by):
    change_credentials(request_by(admin), PASSWORD, "grace", NEW)
    admin.refresh_from_db()
    assert admin.username == "grace"
    assert admin.check_password(NEW)


@pytest.mark.parametrize("change", [{"new_password": NEW}, {"new_username": "grace"}])
def test_ends_the_other_sessions_and_keeps_this_one(change, admin, request_by):
    other = signed_in(admin)
    request = request_by(admin)
    change_credentials(request, PASSWORD, **change)
    this = Client()
    this.cookies["sessionid"] = request.session.session_key
    request.session.save()
    assert this.get("/api/auth-status").json()["authenticated"] is True
    assert other.get("/api/auth-status").json()["authenticated"] is False


def test_needs_the_current_password(admin, request_by):
    with pytest.raises(WrongCurrentPassword) as caught:
        change_credentials(request_by(admin), "wrong", new_password=NEW)
    assert list(caught.value.fields) == ["current_password"]
    admin.refresh_from_db()
    assert admin.check_password(PASSWORD)


def test_needs_something_to_change(admin, request_by):
    with pytest.raises(Invalid, match="Give a new user name"):
        change_credentials(request_by(admin), PASSWORD, "", "")


@pytest.mark.parametrize(
    "password",
    ["short", "1234567890", "password123", "grace1234567"[:12], "a" * 5000, "nul\0nul\0nul"],
)
def test_refuses_a_bad_password(password, admin, request_by):
    with pytest.raises(Invalid) as caught:
        change_credentials(request_by(admin), PASSWORD, "grace123456", password)
    assert list(caught.value.fields) == ["new_password"]
    admin.refresh_from_db()
    assert (admin.username, admin.check_password(PASSWORD)) == ("ada", True)


def test_refuses_the_current_password_as_the_new_one(admin, request_by):
    with pytest.raises(Invalid, match="the current password"):
        change_credentials(request_by(admin), PASSWORD, new_password=PASSWORD)


def test_refuses_the_first_password_for_ever(admin, request_by, settings):
    settings.AUTH_PASSWORD_VALIDATORS = []
    with pytest.raises(Invalid, match="that everybody knows"):
        change_credentials(request_by(admin), PASSWORD, new_password=FIRST_PASSWORD)


@pytest.mark.parametrize("name", ["two words", "a" * 151, "<b>", "tab\there", "nul\0", "../etc"])
def test_refuses_a_name_that_cannot_be(name, admin, request_by):
    with pytest.raises(Invalid) as caught:
        change_credentials(request_by(admin), PASSWORD, new_username=name)
    assert list(caught.value.fields) == ["new_username"]


def test_refuses_a_name_that_is_taken(admin, operator, request_by):
    with pytest.raises(UsernameTaken, match="already a user named otto"):
        change_credentials(request_by(admin), PASSWORD, new_username="otto")


def test_refuses_a_name_that_is_taken_in_that_very_moment(admin, request_by, monkeypatch):
    def taken(*_: object, **__: object) -> None:
        raise IntegrityError

    request = request_by(admin)
    monkeypatch.setattr("django.db.models.query.QuerySet.update", taken)
    with pytest.raises(UsernameTaken):
        change_credentials(request, PASSWORD, new_username="otto")


def test_refuses_when_the_password_was_changed_meanwhile(admin, request_by, monkeypatch):
    request = request_by(admin)

    def change_it_first(*_: object) -> None:
        User.objects.update(password="another")

    monkeypatch.setattr(services, "check_new_credentials", change_it_first)
    with pytest.raises(Conflict, match="by somebody else"):
        change_credentials(request, PASSWORD, new_password=NEW)
    admin.refresh_from_db()
    assert admin.password == "another"


def test_is_no_longer_due_after_a_change_of_the_password(newcomer, request_by):
    user = change_credentials(request_by(newcomer), FIRST_PASSWORD, new_password=NEW)
    newcomer.refresh_from_db()
    assert not change_due(newcomer) and not change_due(user)


def test_is_still_due_after_a_change_of_the_name(newcomer, request_by):
    change_credentials(request_by(newcomer), FIRST_PASSWORD, new_username="grace")
    newcomer.refresh_from_db()
    assert change_due(newcomer)

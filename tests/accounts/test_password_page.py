import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.services import FIRST_PASSWORD
from tests.conftest import PASSWORD, signed_in

PAGE = "/accounts/password/"
NEW = "staple every llama"
DUE = "Choose a password of your own first"


def form(current: str, new: str = NEW, repeated: str | None = None, name: str = "") -> dict:
    return {
        "current_password": current,
        "new_password": new,
        "repeated_password": new if repeated is None else repeated,
        "new_username": name,
    }


def test_needs_a_session(stranger_client):
    assertRedirects(stranger_client.get(PAGE), "/accounts/sign-in/?next=%2Faccounts%2Fpassword%2F")


def test_changes_the_password(admin, admin_client):
    other = signed_in(admin)
    answer = admin_client.post(PAGE, form(PASSWORD))
    assertRedirects(answer, "/", fetch_redirect_response=False)
    admin.refresh_from_db()
    assert admin.check_password(NEW)
    assert admin_client.get("/api/auth-status").json()["authenticated"] is True
    assert other.get("/api/auth-status").json()["authenticated"] is False


def test_changes_the_name_alone(admin, admin_client):
    admin_client.post(PAGE, form(PASSWORD, new="", name="grace"))
    admin.refresh_from_db()
    assert admin.username == "grace"
    assert admin.check_password(PASSWORD)


def test_explains_itself_while_due(newcomer_client):
    assertContains(newcomer_client.get(PAGE), DUE)


def test_does_not_when_not_due(admin_client):
    assertNotContains(admin_client.get(PAGE), DUE)


def test_opens_the_way_while_due(newcomer, newcomer_client):
    newcomer_client.post(PAGE, form(FIRST_PASSWORD, name="grace"))
    newcomer.refresh_from_db()
    assert newcomer.username == "grace"
    assert not newcomer.must_change_password


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        (form("wrong"), "current_password", "The current password is not right."),
        (form(""), "current_password", "Enter the current password."),
        (form(FIRST_PASSWORD, "short"), "new_password", "too short"),
        (form(FIRST_PASSWORD, "monkeydo"), "new_password", "that everybody knows"),
        (form(FIRST_PASSWORD, ""), "new_password", "Enter a new password."),
        (form(FIRST_PASSWORD, NEW, "else"), "repeated_password", "are not the same"),
        (form(FIRST_PASSWORD, name="a b"), "new_username", "valid username"),
        (form(FIRST_PASSWORD, name="ada"), "new_username", "already a user named ada"),
        (form(FIRST_PASSWORD, name="nul\0"), "new_username", "Null characters"),
    ],
)
def test_says_what_is_wrong_beside_the_field(body, field, sentence, newcomer_client, admin):
    answer = newcomer_client.post(PAGE, body)
    assert answer.status_code == 422
    assert sentence in answer.context["form"].errors[field][0]
    assertContains(answer, f'id="id_{field}_error"', status_code=422)
    assert newcomer_client.get("/api/auth-status").json()["must_change_password"] is True


def test_needs_something_to_change(admin_client):
    answer = admin_client.post(PAGE, form(PASSWORD, new="", name="ada"))
    assertContains(answer, "Give a new user name", status_code=422)


def test_guesses_are_limited(admin_client, clock):
    for _ in range(10):
        assert admin_client.post(PAGE, form("wrong")).status_code == 422
    assert admin_client.post(PAGE, form(PASSWORD)).status_code == 429

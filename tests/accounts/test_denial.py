"""Where those are sent who may not see a page: the walk of tests/test_everything_is_denied.py
shows that nobody is let through, this that they find back."""

import pytest
from pytest_django.asserts import assertRedirects

SIGN_IN = "/accounts/sign-in/?next="
HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("current", "target"),
    [
        ("http://testserver/containers/?search=a%20b", "%2Fcontainers%2F%3Fsearch%3Da%2520b"),
        ("http://testserver/jobs/#log", "%2Fjobs%2F"),
        ("https://testserver/jobs/", "%2Fjobs%2F"),
        ("http://evil.example/jobs/", "%2F"),
        ("http://testserver//evil.example/", "%2F"),
        ("http://[", "%2F"),
        ("", "%2F"),
    ],
)
def test_a_fragment_sends_the_page_around_it_to_sign_in(current, target, stranger_client):
    headers = {**HTMX, "HX-Current-URL": current}
    answer = stranger_client.get("/containers/?part=rows", headers=headers)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == f"{SIGN_IN}{target}"
    assert answer.content == b""


def test_a_posted_form_comes_back_to_its_page(stranger_client):
    headers = {"Referer": "http://testserver/backups/?page=2"}
    answer = stranger_client.post("/accounts/password/", headers=headers)
    assertRedirects(answer, f"{SIGN_IN}%2Fbackups%2F%3Fpage%3D2")


def test_a_posted_form_of_elsewhere_comes_to_the_first_page(stranger_client):
    headers = {"Referer": "http://evil.example/backups/"}
    assertRedirects(stranger_client.post("/accounts/password/", headers=headers), f"{SIGN_IN}%2F")


def test_a_fragment_sends_the_page_around_it_to_a_change_that_is_due(newcomer_client):
    answer = newcomer_client.get("/containers/", headers=HTMX)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/accounts/password/"


def test_the_theme_can_be_changed_while_due(newcomer_client):
    assert newcomer_client.post("/theme/", {"theme": "dark"}).cookies["theme"].value == "dark"


def test_nothing_is_due_where_the_default_password_is_allowed(newcomer_client, settings):
    settings.ALLOW_DEFAULT_PASSWORD = True
    assert newcomer_client.get("/admin/").status_code == 200
    assert newcomer_client.get("/api/containers").status_code != 403

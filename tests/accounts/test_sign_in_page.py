import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertRedirects

from accounts.services import FIRST_PASSWORD, FIRST_USERNAME
from tests.conftest import PASSWORD

PAGE = "/accounts/sign-in/"
RIGHT = {"username": "ada", "password": PASSWORD}
pytestmark = pytest.mark.django_db


def test_shows_the_form_to_everybody(stranger_client):
    answer = stranger_client.get(PAGE)
    assertContains(answer, "<h1>Sign in</h1>", html=True)
    assert "no-store" in answer["Cache-Control"]


def test_tells_a_stranger_nothing_about_the_host(stranger_client):
    text = stranger_client.get(PAGE).content.decode()
    assert "/containers/" not in text
    assert "/ws/" not in text


def test_signs_in_and_goes_to_the_page_that_was_asked_for(admin):
    client = Client(enforce_csrf_checks=True)
    asked = client.get("/backups/?page=2")
    assertRedirects(asked, f"{PAGE}?next=%2Fbackups%2F%3Fpage%3D2")
    form = client.get(asked.url)
    token = form.context["csrf_token"]
    target = form.context["next"]
    answer = client.post(PAGE, {**RIGHT, "next": target, "csrfmiddlewaretoken": str(token)})
    assertRedirects(answer, "/backups/?page=2", fetch_redirect_response=False)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "http://testserver/backups/",
        "backups/",
        " /backups/",
        "/\t/evil.example",
        "",
    ],
)
def test_goes_nowhere_else(target, admin, stranger_client):
    for answer in (
        stranger_client.post(PAGE, {**RIGHT, "next": target}),
        stranger_client.get(PAGE, {"next": target}),
    ):
        assertRedirects(answer, "/", fetch_redirect_response=False)


def test_sends_on_who_is_signed_in(admin_client):
    answer = admin_client.get(PAGE, {"next": "/backups/"})
    assertRedirects(answer, "/backups/", fetch_redirect_response=False)


def test_says_beside_the_field_that_it_was_wrong(admin, stranger_client):
    answer = stranger_client.post(PAGE, {"username": "ada", "password": "wrong", "next": "/jobs/"})
    sentence = "The user name or the password is not right."
    assertContains(answer, sentence, status_code=422)
    assertContains(answer, 'aria-describedby="id_password_error"', status_code=422)
    assertContains(answer, 'value="ada"', status_code=422)
    assertContains(answer, 'name="next" value="/jobs/"', status_code=422)
    unknown = stranger_client.post(PAGE, {"username": "bob", "password": "wrong"})
    assertContains(unknown, sentence, status_code=422)


def test_never_shows_a_password_again(admin, stranger_client):
    answer = stranger_client.post(PAGE, {"username": "ada", "password": "almost right"})
    assert b"almost right" not in answer.content


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "ada"},
        {"username": "ada\0", "password": PASSWORD},
        {"username": "a" * 100_000, "password": PASSWORD},
        {"username": "ada", "password": "x" * 100_000},
        {"username": "<script>alert(1)</script>", "password": "x"},
        {"username": "‮", "password": "\0"},
    ],
)
def test_odd_input_is_a_form_with_errors(body, admin, stranger_client):
    answer = stranger_client.post(PAGE, body)
    assert answer.status_code == 422
    assert b"<script>alert" not in answer.content


def test_invalid_encoding_is_a_form_with_errors(admin, stranger_client):
    body = b"username=%ff%fe&password=%c3%28"
    answer = stranger_client.post(PAGE, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422


def test_says_when_to_try_again(admin, stranger_client, clock):
    wrong = {"username": "ada", "password": "wrong"}
    for _ in range(10):
        assert stranger_client.post(PAGE, wrong).status_code == 422
    answer = stranger_client.post(PAGE, RIGHT)
    assertContains(answer, "Too many failed attempts. Try again in", status_code=429)
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_counts_together_with_the_api(admin, stranger_client, clock):
    wrong = {"username": "ada", "password": "wrong"}
    for _ in range(5):
        stranger_client.post(PAGE, wrong)
        stranger_client.post("/api/login", wrong, content_type="application/json")
    assert stranger_client.post(PAGE, RIGHT).status_code == 429


def test_leads_the_first_user_to_the_change_of_the_password(newcomer, stranger_client):
    body = {"username": FIRST_USERNAME, "password": FIRST_PASSWORD}
    answer = stranger_client.post(PAGE, body, follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/password/"


def test_needs_a_csrf_token(admin):
    answer = Client(enforce_csrf_checks=True).post(PAGE, RIGHT)
    assertContains(answer, "reload the page", status_code=403)

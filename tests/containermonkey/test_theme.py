import pytest
from django.test import Client
from django.urls import reverse

URL = "/theme/"
PAGE = "/accounts/password/"


@pytest.mark.parametrize("theme", ["light", "dark", "system"])
def test_the_choice_is_kept(theme, admin_client):
    answer = admin_client.post(URL, {"theme": theme, "next": PAGE})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert f'data-theme="{theme}"' in admin_client.get(PAGE).content.decode()


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example/", "", "x"])
def test_nobody_is_sent_to_another_host(next_page, admin_client):
    answer = admin_client.post(URL, {"theme": "dark", "next": next_page})
    assert answer["Location"] == "/"


def test_scripts_need_no_page(admin_client):
    answer = admin_client.post(URL, {"theme": "dark"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("theme", ["", "pink", "<script>"])
def test_an_unknown_theme_is_refused(theme, admin_client):
    assert admin_client.post(URL, {"theme": theme}).status_code == 400


def test_an_unknown_cookie_counts_for_nothing(admin_client):
    admin_client.cookies["theme"] = '"><script>'
    assert 'data-theme="system"' in admin_client.get(PAGE).content.decode()


def test_it_is_no_link(admin_client):
    assert admin_client.get(URL).status_code == 405


def test_a_stranger_has_to_sign_in(stranger_client: Client):
    answer = stranger_client.post(URL, {"theme": "dark"})
    assert answer["Location"].startswith(reverse("accounts:sign_in"))

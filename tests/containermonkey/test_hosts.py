"""Under which names the program answers; any other may be somebody else's that leads here."""

import socket

import pytest
from django.test import Client
from pytest_django.asserts import assertContains

from containermonkey import once
from containermonkey.hosts import answers_to


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:6660", "nas", "NAS:80", "127.0.0.1", "10.0.0.5:6660", "[::1]"),
        *("[2001:db8::1]:6660", "nas.local", "nas.lan:6660", "docker.home.arpa", "a.b.internal"),
        socket.gethostname(),
    ],
)
def test_answers_to_what_no_stranger_can_own(host, settings):
    settings.KNOWN_HOSTS = []
    assert answers_to(host)


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:6660", "127.0.0.1.evil.example", "fritz.box", "local.evil"),
        *("evil.com.", "nas.local.evil.example", "127.0.0.1@evil.example", "", ":80", "a b"),
    ],
)
def test_does_not_answer_to_what_somebody_may_own(host, settings):
    settings.KNOWN_HOSTS = ["monkey.example"]
    assert not answers_to(host)


def test_answers_to_what_is_listed(settings):
    settings.KNOWN_HOSTS = ["monkey.example", ".example.org"]
    assert answers_to("Monkey.Example:443")
    assert answers_to("a.example.org")
    assert not answers_to("a.monkey.example")
    settings.KNOWN_HOSTS = ["*"]
    assert answers_to("anything.example")


def test_the_refusal_names_the_setting(settings, stranger_client, caplog, monkeypatch):
    monkeypatch.setattr(once, "_said", set())
    headers = {"Host": "evil.example"}
    words = "This program does not answer to the name evil.example."
    for path in ("/", "/accounts/sign-in/", "/nowhere/", "/healthz"):
        page = stranger_client.get(path, headers=headers)
        assertContains(page, words, status_code=400)
        assertContains(page, "CONTAINERMONKEY_ALLOWED_HOSTS", status_code=400)
    answer = Client().post("/api/login", {}, "application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_host")
    assert "CONTAINERMONKEY_ALLOWED_HOSTS" in answer.json()["error"]
    assert caplog.text.count(words) == 1


def test_a_host_that_is_none_is_refused(stranger_client):
    assert stranger_client.get("/", headers={"Host": "<b>"}).status_code == 400

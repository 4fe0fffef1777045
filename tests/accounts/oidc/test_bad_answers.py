"""What a provider or an address says that is not right: a page, a line, and nobody signed in.

ID tokens that are not right are in `test_id_tokens`.
"""

import json
import logging
import time
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains

from accounts.models import AuditEntry, Session
from accounts.oidc import provider as asking
from accounts.oidc import services
from tests.accounts.oidc.conftest import BEGIN, RETURN, path_of
from tests.accounts.oidc.refusals import WRONG, refused
from tests.oidc_provider import CLIENT_SECRET

pytestmark = pytest.mark.django_db
NOT_BEGUN = "This sign-in was not begun in this browser"
AWAY = "Our Cloud does not answer"


# What comes back to us


@pytest.mark.parametrize("query", [{}, {"code": "x"}, {"state": "x", "code": "y"}, {"state": "é"}])
def test_what_was_never_begun(configure, query, stranger_client):
    configure()
    refused(stranger_client.get(RETURN, query), 400, NOT_BEGUN)


def test_what_another_browser_has_begun(configure, provider):
    configure()
    back = path_of(provider.way_back(Client().get(BEGIN).url))
    stranger = Client()
    stranger.get(BEGIN)
    refused(stranger.get(back), 400, NOT_BEGUN)
    assert "/token" not in provider.seen


def test_what_took_too_long(configure, provider, monkeypatch, stranger_client):
    configure()
    back = path_of(provider.way_back(stranger_client.get(BEGIN).url))
    now = time.time()
    monkeypatch.setattr(services.time, "time", lambda: now + services.COUNTS_FOR)
    refused(stranger_client.get(back), 400, NOT_BEGUN)


def test_what_was_used_already(configure, provider, stranger_client):
    configure()
    provider.answers["/token"] = (500, {}, b"")
    back = path_of(provider.way_back(stranger_client.get(BEGIN).url))
    assert stranger_client.get(back).status_code == 503
    del provider.answers["/token"]
    assertContains(stranger_client.get(back), NOT_BEGUN, status_code=400)


def test_what_ended_meanwhile(configure, provider, stranger_client, monkeypatch):
    configure()
    back = path_of(provider.way_back(stranger_client.get(BEGIN).url))
    compare = services.constant_time_compare

    def compared_late(kept: str, given: str) -> bool:
        Session.objects.all().delete()
        return compare(kept, given)

    monkeypatch.setattr(services, "constant_time_compare", compared_late)
    refused(stranger_client.get(back), 400, NOT_BEGUN)


def test_a_code_that_the_provider_does_not_know(configure, provider, stranger_client):
    configure()
    back = path_of(provider.way_back(stranger_client.get(BEGIN).url))
    provider.codes.clear()
    refused(stranger_client.get(back), 400, NOT_BEGUN)


def test_a_code_of_somebody_elses_sign_in_is_bound_to_their_browser(configure, provider):
    configure()
    mine, theirs = Client(), Client()
    my_way = provider.way_back(mine.get(BEGIN).url)
    their_way = provider.way_back(theirs.get(BEGIN).url)
    their_code = their_way.partition("code=")[2].partition("&")[0]
    my_code = my_way.partition("code=")[2].partition("&")[0]
    answer = mine.get(path_of(my_way.replace(my_code, their_code)))
    refused(answer, 400, NOT_BEGUN)


def state_of(client: Client) -> str:
    client.get(BEGIN)
    return client.session["oidc_begun"][-1]["state"]


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        ("access_denied", 403, "it was cancelled, or is not allowed there"),
        ("login_required", 403, "it was cancelled, or is not allowed there"),
        ("server_error", 502, WRONG),
        ("<script>alert(1)</script>", 502, WRONG),
    ],
)
def test_a_refusal_there_is_told_in_our_words(configure, stranger_client, error, status, words):
    configure()
    asked = {"state": state_of(stranger_client), "error": error, "error_description": "Call 1234"}
    answer = stranger_client.get(RETURN, asked)
    refused(answer, status, words)
    assert b"Call 1234" not in answer.content and b"<script>alert" not in answer.content
    assert "Call" not in json.dumps([AuditEntry.objects.get().problem])


def test_an_error_without_a_state_is_not_believed(configure, stranger_client):
    configure()
    refused(stranger_client.get(RETURN, {"error": "access_denied"}), 400, NOT_BEGUN)


def test_no_code_at_all(configure, stranger_client):
    configure()
    refused(stranger_client.get(RETURN, {"state": state_of(stranger_client)}), 502, WRONG)


# The provider itself

JSON = {"Content-Type": "application/json"}
DISCOVERY = "/.well-known/openid-configuration"
ODD = [
    (200, JSON, b"[]"),
    (200, JSON, b"{}"),
    (200, JSON, b"nonsense"),
    (200, JSON, b"\xff\xfe"),
    (200, JSON, b""),
    (302, {"Location": "http://127.0.0.1:9/"}, b""),
    (404, {}, b"<h1>Not found</h1>"),
    (200, JSON, b'{"keys": [{"kty": "odd"}], "sub": 3, "id_token": 3, "access_token": []}'),
    (200, JSON, b'{"keys": 1e400, "sub": 1e400, "access_token": "x", "expires_in": 1e400}'),
]


@pytest.mark.parametrize("answer", ODD, ids=str)
@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo"])
def test_an_answer_that_is_none(come, provider, path, answer):
    del provider.person["groups"]  # so that /userinfo is asked
    provider.answers[path] = answer
    refused(come(), 502, WRONG)


@pytest.mark.parametrize("answer", ODD, ids=str)
def test_a_discovery_document_that_is_none(configure, provider, stranger_client, answer):
    configure()
    provider.answers[DISCOVERY] = answer
    refused(stranger_client.get(BEGIN, {"next": "/jobs/"}), 502, WRONG)


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://169.254.169.254/"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"userinfo_endpoint": "http://10.0.0.1/"},
        {"token_endpoint": None},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
        {"id_token_signing_alg_values_supported": 3},
        {"token_endpoint_auth_methods_supported": 3},
    ],
    ids=str,
)
def test_a_discovery_document_that_is_not_to_be_believed(
    configure, provider, stranger_client, document, caplog
):
    configure()
    provider.document = document
    refused(stranger_client.get(BEGIN), 502, WRONG)
    assert "Sign-in through the OIDC provider: " in caplog.text


def test_the_log_takes_no_more_of_an_answer_than_one_reads(
    configure, provider, stranger_client, caplog
):
    configure()
    provider.document = {"issuer": "https://evil.example/\n" + "x" * 100_000}
    refused(stranger_client.get(BEGIN), 502, WRONG)
    (line,) = [each for each in caplog.messages if "it calls itself" in each]
    assert len(line) < 1000 and "\n" not in line


def test_an_answer_that_does_not_end_is_given_up(configure, provider, stranger_client):
    configure()
    provider.answers[DISCOVERY] = (200, JSON, b" " * (asking.LARGEST + 1))
    refused(stranger_client.get(BEGIN), 502, WRONG)


@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo"])
def test_a_provider_with_a_fault_of_its_own(come, provider, path):
    del provider.person["groups"]
    provider.answers[path] = (503, {}, b"busy")
    refused(come(), 503, AWAY)


def test_a_provider_that_is_not_there(configure, stranger_client):
    configure(issuer="http://127.0.0.1:9")
    refused(stranger_client.get(BEGIN, {"next": "/jobs/"}), 503, AWAY)


def test_a_provider_that_is_slow(configure, provider, stranger_client, monkeypatch):
    configure()
    monkeypatch.setattr(asking, "PATIENCE", -1)
    refused(stranger_client.get(BEGIN), 503, AWAY)


def test_a_provider_that_says_nothing(configure, stranger_client, monkeypatch, silent_address):
    configure(issuer=silent_address)
    monkeypatch.setattr(asking, "TIMEOUT", (1, 0.2))
    refused(stranger_client.get(BEGIN), 503, AWAY)


def test_another_attempt_leads_where_the_first_was_to_lead(configure, provider, stranger_client):
    configure(issuer="http://127.0.0.1:9")
    answer = stranger_client.get(BEGIN, {"next": "/jobs/?page=2"})
    again = "/accounts/oidc/?next=%2Fjobs%2F%3Fpage%3D2"
    assertContains(answer, f'href="{again}">Try again', status_code=503)


# What it costs, and what it leaves


def test_too_many_are_told_so_and_passwords_are_still_taken(configure, admin, clock):
    configure()
    client = Client()
    for _ in range(30):
        assert client.get(RETURN, {"state": "x"}).status_code == 400
    answer = client.get(RETURN, {"state": "x"})
    assertContains(answer, "Too many sign-ins from this address", status_code=429)
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert AuditEntry.objects.count() == 30
    body = {"username": "ada", "password": "correct horse battery"}
    assert client.post("/accounts/sign-in/", body).status_code == 302


def test_too_many_beginnings_ask_the_provider_no_more(configure, provider, clock):
    configure()
    client = Client()
    assert {client.get(BEGIN).status_code for _ in range(30)} == {302}
    assert client.get(BEGIN).status_code == 429
    assert len(client.session["oidc_begun"]) == services.AT_ONCE


def test_a_session_that_was_only_begun_does_not_last(configure, provider, stranger_client):
    configure()
    stranger_client.get(BEGIN)
    row = Session.objects.get()
    assert (row.expire_date - row.begun_at).total_seconds() == 3600


@pytest.mark.parametrize("path", ["", "/token", "/jwks", "/userinfo"])
def test_no_secret_is_in_a_page_a_log_or_the_trail(come, provider, caplog, path):
    caplog.set_level(logging.INFO)
    del provider.person["groups"]
    tokens: list[str] = []
    sign = provider.signed

    def kept(claims: dict[str, Any]) -> str:
        tokens.append(sign(claims))
        return tokens[-1]

    provider.token_of = kept
    codes: list[str] = []
    way_back = provider.way_back

    def watched(address: str) -> str:
        way = way_back(address)
        codes.extend(provider.codes)
        return way

    provider.way_back = watched
    if path:
        provider.answers[path] = (400, JSON, f'{{"error": "{CLIENT_SECRET}"}}'.encode())
    answer = come()
    said = answer.content.decode() + caplog.text
    said += "".join(f"{line.problem}{line.details}" for line in AuditEntry.objects.all())
    secrets = [CLIENT_SECRET, *codes, *tokens, *provider.access]
    assert codes and [secret for secret in secrets if secret in said] == []

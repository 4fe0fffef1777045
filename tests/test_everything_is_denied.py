"""Walks every address of the program: whoever adds one finds it here, denied by default."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import ensure_first_user
from tests import addresses
from tests.addresses import METHODS, SAFE, Address, Operation

# /metrics wants a token of its own, which tests/system/test_metrics.py looks at.
OPEN_PAGES = {
    *("accounts:sign_in", "accounts:sign_in_code", "admin:login", "healthz", "metrics"),
    # Without a provider they are not there; tests/accounts/oidc has one.
    *("accounts:oidc", "accounts:oidc_return"),
    "containermonkey.views.api_not_found",
}
OPEN_CALLS = {"/api/login", "/api/logout", "/api/auth-status"}
OPEN_DOCUMENTS = {"api:openapi-json", "api:openapi-view", "api:api-root"}
PAGES_WHILE_DUE = {*OPEN_PAGES, "accounts:password", "accounts:sign_out", "set_theme"}
CALLS_WHILE_DUE = {*OPEN_CALLS, "/api/change-password"}

EVERYTHING = addresses.addresses()
PAGES = [page for page in EVERYTHING if not page.is_api]
CALLS = [call for call in EVERYTHING if call.is_api and call.name not in OPEN_DOCUMENTS]
OPERATIONS = addresses.operations()


def pages_but(names: set[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", [p for p in PAGES if p.name not in names], ids=str)


def calls_but(paths: set[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("call", [c for c in CALLS if c.path not in paths], ids=str)


def operations_but(paths: set[str], *, unsafe: bool = False) -> pytest.MarkDecorator:
    chosen = [o for o in OPERATIONS if o.path not in paths and not (unsafe and o.method == SAFE)]
    return pytest.mark.parametrize("operation", chosen, ids=str)


def send(client: Client, method: str, path: str, **headers: str) -> Any:
    return getattr(client, method)(path, content_type="application/json", headers=headers)


@pytest.fixture
def newcomer_client(db: None) -> Client:
    """Somebody whose change of the password is due."""
    ensure_first_user()
    client = Client()
    client.force_login(User.objects.get())
    return client


@pytest.fixture
def browser_client(admin: Any) -> Client:
    """An administrator's browser, led on by a page of another site."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    return client


def test_the_walk_sees_the_whole_site():
    names = {page.name for page in PAGES}
    assert {"home", "accounts:password", "containers:list", "admin:index", *OPEN_PAGES} <= names
    described = {operation.path for operation in OPERATIONS}
    assert {"/api/containers", *CALLS_WHILE_DUE} <= described
    assert len(described) <= len(CALLS)


@pages_but(OPEN_PAGES)
def test_page_is_denied_to_a_stranger(page: Address, stranger_client):
    for method in METHODS:
        answer = send(stranger_client, method, page.path)
        assert answer.status_code == 302
        assert answer.url.startswith("/accounts/sign-in/?next=")


@pages_but(OPEN_PAGES)
def test_fragment_is_denied_to_a_stranger(page: Address, stranger_client):
    answer = send(stranger_client, SAFE, page.path, **{"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/accounts/sign-in/?next=")
    assert answer.content == b""


@calls_but(OPEN_CALLS)
def test_call_is_denied_to_a_stranger_by_any_method(call: Address, stranger_client):
    answers = [send(stranger_client, method, call.path) for method in METHODS]
    assert {401} <= {answer.status_code for answer in answers} <= {401, 405}
    assert {answer.json()["code"] for answer in answers} <= {"not_signed_in", "method_not_allowed"}
    assert stranger_client.head(call.path).status_code in {401, 405}


@operations_but(OPEN_CALLS)
def test_operation_is_denied_to_a_stranger(operation: Operation, stranger_client):
    answer = send(stranger_client, operation.method, operation.path)
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"


@pages_but(PAGES_WHILE_DUE)
def test_page_is_denied_while_a_change_is_due(page: Address, newcomer_client):
    for method in METHODS:
        answer = send(newcomer_client, method, page.path)
        assert answer.status_code == 302
        assert answer.url == "/accounts/password/"


@operations_but(CALLS_WHILE_DUE)
def test_operation_is_denied_while_a_change_is_due(operation: Operation, newcomer_client):
    answer = send(newcomer_client, operation.method, operation.path)
    assert answer.status_code == 403
    assert answer.json()["code"] == "password_change_required"


@operations_but({"/api/login"}, unsafe=True)
def test_unsafe_operation_needs_a_csrf_token(operation: Operation, browser_client):
    answer = send(browser_client, operation.method, operation.path)
    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf_failed"


@pages_but({"containermonkey.views.api_not_found"})
def test_unsafe_page_needs_a_csrf_token(page: Address, browser_client):
    for method in set(METHODS) - {SAFE}:
        assert send(browser_client, method, page.path).status_code == 403

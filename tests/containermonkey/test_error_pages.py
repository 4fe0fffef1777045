import logging
import sqlite3
from contextlib import closing

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.test import Client, RequestFactory
from pytest_django.asserts import assertContains

from containermonkey import views
from tests.conftest import PASSWORD


def test_unknown_page_for_a_stranger(stranger_client):
    answer = stranger_client.get("/nowhere/")
    assertContains(answer, "There is no page at this address.", status_code=404)
    assert b"/containers/" not in answer.content


def test_unknown_page_for_somebody_signed_in(admin_client):
    answer = admin_client.get("/nowhere/")
    assertContains(answer, "There is no page at this address.", status_code=404)


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/api/nowhere", "/api/", "/api/containers/a/b", "/api/%00"])
def test_unknown_address_of_the_api(method, path, admin_client):
    answer = getattr(admin_client, method)(path, content_type="application/json")
    assert answer.status_code == 404
    assert answer.json() == {"error": "There is nothing at this address.", "code": "not_found"}


def test_a_failure_of_our_own_says_nothing_of_its_cause():
    page = views.server_error(RequestFactory().get("/containers/"))
    assert page.status_code == 500
    assert b"Something went wrong on the server." in page.content
    answer = views.server_error(RequestFactory().get("/api/containers"))
    assert answer.status_code == 500
    assert b"Traceback" not in answer.content


def test_a_failure_of_our_own_is_logged(admin, caplog, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("/secret/place")

    monkeypatch.setattr("accounts.middleware.change_due", broken)
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    with caplog.at_level(logging.ERROR):
        answer = client.get("/accounts/password/")
    assert answer.status_code == 500
    assert b"/secret/place" not in answer.content
    assert "/secret/place" in caplog.text


def test_a_page_that_was_open_for_too_long(admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    page = client.post("/accounts/sign-out/")
    assertContains(page, "reload the page", status_code=403)
    assert b"<style" not in page.content


def test_the_same_in_a_fragment_is_a_toast(admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    answer = client.post("/accounts/sign-out/", headers={"HX-Request": "true"})
    assertContains(answer, "reload the page", status_code=403)
    assert b"<html" not in answer.content


def full_database(*_: object, **__: object) -> None:
    """Fails as Django does where SQLite finds no more room."""
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.execute("CREATE TABLE rows (content)")
            database.execute("PRAGMA max_page_count = 2")
            database.execute("INSERT INTO rows VALUES (zeroblob(100000))")
    except sqlite3.OperationalError as error:
        raise OperationalError(str(error)) from error


def lost_database(*_: object, **__: object) -> None:
    raise OperationalError("connection to /secret/place failed")


@pytest.mark.parametrize(
    ("failure", "status", "code", "sentence"),
    [
        (full_database, 507, "no_space", "There is no space left on the disk"),
        (lost_database, 503, "database_unavailable", "The database cannot be used just now."),
    ],
)
def test_a_database_that_fails_is_explained(admin, monkeypatch, failure, status, code, sentence):
    monkeypatch.setattr(SessionStore, "save", failure)
    client = Client(raise_request_exception=False)
    credentials = {"username": admin.username, "password": PASSWORD}
    page = client.post("/accounts/sign-in/", credentials)
    assertContains(page, sentence, status_code=status)
    answer = client.post("/api/login", credentials, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert sentence in answer.json()["error"]
    assert b"/secret/place" not in page.content + answer.content

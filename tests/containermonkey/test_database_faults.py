"""A database that is locked, damaged, read-only or without room, in the running program."""

import contextlib
import http.client
import json
import sqlite3
from typing import Any

import pytest
from django.db import DatabaseError

from containermonkey.database import problem_of
from tests.site import Site
from tests.waiting import wait_for

CREDENTIALS = json.dumps({"username": "monkeysee", "password": "monkeydo"})


def ask(site: Site, method: str, path: str, body: str = "", **headers: str) -> Any:
    """Status, headers and text of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=90)
    with contextlib.closing(connection):
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()


def sign_in(site: Site) -> Any:
    return ask(site, "POST", "/api/login", CREDENTIALS, **{"Content-Type": "application/json"})


def session_of(site: Site) -> str:
    cookies = sign_in(site)[1].get_all("Set-Cookie")
    return next(c for c in cookies if c.startswith("sessionid=")).partition(";")[0]


def test_one_that_is_locked_is_waited_for_and_said_while_it_can_still_be_read(make_site):
    site = make_site()
    cookie = session_of(site)
    with contextlib.closing(sqlite3.connect(site.database)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert ask(site, "GET", "/api/containers", Cookie=cookie)[0] == 200
        status, headers, text = sign_in(site)
        assert (status, headers["Retry-After"]) == (503, "10")
        said = json.loads(text)
        assert said["code"] == "database_unavailable"
        assert said["error"].startswith("Something else is writing to the database")
        holder.rollback()
    assert sign_in(site)[0] == 200


def test_one_that_is_damaged_is_said_and_works_again_when_it_is_back(make_site):
    site = make_site()
    cookie = session_of(site)
    whole = site.database.with_suffix(".whole")
    with (
        contextlib.closing(sqlite3.connect(site.database)) as source,
        contextlib.closing(sqlite3.connect(whole)) as target,
    ):
        source.backup(target)
    for name in ("-wal", "-shm"):
        site.database.with_name(site.database.name + name).unlink(missing_ok=True)
    content = site.database.read_bytes()
    site.database.write_bytes(b"no database at all" * 1000)
    status, _, page = ask(site, "GET", "/containers/", Cookie=cookie)
    assert status == 503
    assert "Traceback" not in page and str(site.data_dir) not in page
    status, _, text = ask(site, "GET", "/api/containers", Cookie=cookie)
    assert (status, json.loads(text)["code"]) == (503, "database_unavailable")
    assert content
    whole.replace(site.database)
    wait_for(
        lambda: ask(site, "GET", "/api/containers", Cookie=cookie)[0] == 200,
        f"the database to work again:\n{site.log[-2000:]}",
    )


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("read-only", "can be read and not be written"),
        ("gone", "file cannot be opened"),
        ("damaged", "file is damaged"),
    ],
)
def test_each_fault_has_a_sentence_of_its_own(tmp_path, act, words):
    path = tmp_path / "database"
    with contextlib.closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE rows (content)")
    place = {"read-only": f"file:{path}?mode=ro", "gone": f"file:{tmp_path}/no/thing"}
    if act == "damaged":
        path.write_bytes(b"no database at all" * 100)
    try:
        with contextlib.closing(sqlite3.connect(place.get(act, f"file:{path}"), uri=True)) as used:
            used.execute("INSERT INTO rows VALUES (1)")
    except sqlite3.Error as error:
        failure = DatabaseError(str(error))
        failure.__cause__ = error
    problem = problem_of(failure)
    assert problem is not None and problem.status == 503
    assert words in str(problem) and str(tmp_path) not in str(problem)

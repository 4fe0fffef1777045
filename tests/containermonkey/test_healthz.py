from types import SimpleNamespace

import pytest
from django.db import OperationalError

from containermonkey import views


@pytest.fixture(autouse=True)
def _worker(monkeypatch):
    monkeypatch.setattr(views, "worker_is_alive", lambda: True)


def test_says_ok_to_everybody(stranger_client):
    answer = stranger_client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert answer["Content-Type"].startswith("text/plain")
    assert "no-store" in answer["Cache-Control"]


def test_says_so_when_the_worker_is_gone(stranger_client, monkeypatch):
    monkeypatch.setattr(views, "worker_is_alive", lambda: False)
    answer = stranger_client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"unwell")


def test_says_so_when_the_database_does_not_answer(stranger_client, monkeypatch):
    def broken(*_: object) -> None:
        raise OperationalError("the disk at /secret/place is full")

    monkeypatch.setattr(views, "connection", SimpleNamespace(cursor=broken))
    answer = stranger_client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"unwell")

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django_ratelimit import core as ratelimit

from accounts.models import User
from accounts.services import FIRST_PASSWORD, FIRST_USERNAME, ensure_first_user


@pytest.fixture
def newcomer(db: None) -> User:
    """The first user, who has to change the password."""
    ensure_first_user()
    return User.objects.get(username=FIRST_USERNAME)


@pytest.fixture
def newcomer_client(newcomer: User) -> Client:
    client = Client()
    assert client.login(username=FIRST_USERNAME, password=FIRST_PASSWORD)
    return client


@pytest.fixture
def request_of(db: None) -> Any:
    """Makes a request with a session of its own, from an address of choice."""

    def make(address: str = "192.0.2.1") -> HttpRequest:
        request = RequestFactory().post("/", REMOTE_ADDR=address)
        request.session = Client().session
        request.user = AnonymousUser()
        return request

    return make


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stops the time that rate limits go by; `clock.now` moves it."""

    class Clock:
        now = 1_800_000_000.0

        def time(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(ratelimit, "time", clock)
    return clock

import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from django.test import Client

from accounts.models import User
from accounts.second_factor import services
from tests.conftest import PASSWORD


class Phone:
    """An authenticator app. Each code is of the next half minute, as if that had passed."""

    def __init__(self, secret: str, clock: Any) -> None:
        self.app, self.clock = pyotp.TOTP(secret), clock

    def code(self) -> str:
        self.clock.now += 30
        return self.app.at(self.clock.now)

    def wrong(self) -> str:
        return f"{(int(self.app.at(self.clock.now)) + 500_000) % 1_000_000:06}"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The time that codes go by."""

    class Clock:
        now = time.time()

        def time(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(services, "time", clock)
    return clock


@pytest.fixture
def phone_of(now: Any) -> Callable[[User], Phone]:
    """Switches somebody's second factor on and gives the telephone."""

    def make(user: User) -> Phone:
        secret = pyotp.random_base32()
        services.keep(user, secret, 0)
        return Phone(secret, now)

    return make


def login(client: Client, **more: str) -> Any:
    body = {"username": "otto", "password": PASSWORD} | more
    return client.post("/api/login", body, content_type="application/json")

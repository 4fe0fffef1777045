from collections.abc import Callable

import pytest
from django.test import Client

from tests.conftest import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def browser_of(db: None) -> Callable[..., Client]:
    """Signs somebody in by the form, in a browser of its own."""

    def sign_in(
        username: str, address: str = "192.0.2.1", agent: str = FIREFOX, password: str = PASSWORD
    ) -> Client:
        client = Client(REMOTE_ADDR=address, headers={"User-Agent": agent})
        answer = client.post(
            "/accounts/sign-in/", {"username": username, "password": password, "next": "/jobs/"}
        )
        assert answer.status_code == 302
        return client

    return sign_in

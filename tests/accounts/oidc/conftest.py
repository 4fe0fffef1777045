import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.oidc.provider import forget
from containermonkey import oidc
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider

BEGIN = "/accounts/oidc/"
RETURN = "/accounts/oidc/return/"
GROUPS = {"viewers": ["guests"], "operators": ["ops"], "administrators": ["admins", "Chief Ops"]}


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that knows Grace, who is in the group `ops`."""
    provider = Provider()
    provider.start()
    forget()
    yield provider
    forget()
    provider.stop()


@pytest.fixture
def configure(provider: Provider, settings: Any) -> Callable[..., None]:
    """Sets the program up to sign in through it."""

    def make(**more: Any) -> None:
        settings.OIDC = oidc.provider(
            **{
                **{"issuer": provider.url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
                **{"name": "Our Cloud", "scopes": [], **GROUPS, **more},
            }
        )

    return make


@pytest.fixture
def come(provider: Provider, configure: Callable[..., None], db: None) -> Callable[..., Any]:
    """Has somebody go through the whole sign-in. Gives the last answer."""
    configure()

    def walk(client: Client | None = None, **query: str) -> Any:
        client = client or Client()
        begun = client.get(BEGIN, query)
        assert begun.status_code == 302, begun.content
        return client.get(path_of(provider.way_back(begun.url)))

    return walk


@pytest.fixture
def silent_address() -> Iterator[str]:
    """Where calls are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def path_of(address: str) -> str:
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("http", "testserver")
    return f"{parts.path}?{parts.query}"

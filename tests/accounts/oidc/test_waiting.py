"""Those who wait for the provider are the only ones who do."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET
from tests.site import Site

AT_ONCE = 6


def test_a_provider_that_says_nothing_keeps_nobody_else_waiting(make_site: Callable[..., Site]):
    with (
        socket.create_server(("127.0.0.1", 0)) as provider,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        site = make_site(
            CONTAINERMONKEY_OIDC_ISSUER=f"http://127.0.0.1:{provider.getsockname()[1]}",
            CONTAINERMONKEY_OIDC_CLIENT_ID=CLIENT_ID,
            CONTAINERMONKEY_OIDC_CLIENT_SECRET=CLIENT_SECRET,
            CONTAINERMONKEY_OIDC_VIEWERS="guests",
        )
        begun = [
            pool.submit(requests.get, f"{site.url}/accounts/oidc/", timeout=60)
            for _ in range(AT_ONCE)
        ]
        held = [provider.accept()[0] for _ in begun]
        credentials = {"username": "monkeysee", "password": "monkeydo"}
        answer = requests.post(f"{site.url}/api/login", json=credentials, timeout=60)
        assert answer.ok and not any(each.done() for each in begun)
        for connection in held:
            connection.close()
        assert {each.result().status_code for each in begun} == {503}

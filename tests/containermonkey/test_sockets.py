import asyncio
from types import SimpleNamespace

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from containermonkey import sockets
from containermonkey.sockets import GuardedSocket

HOST = (b"host", b"monkey.example:6660")
ORIGIN = (b"origin", b"http://monkey.example:6660")
PERSON = SimpleNamespace(is_authenticated=True, is_active=True, must_change_password=False)


async def accepting(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})


async def admitted(headers, user=PERSON) -> bool:
    socket = WebsocketCommunicator(GuardedSocket(accepting), "/ws/progress", headers=headers)
    socket.scope["user"] = user
    answer, _ = await socket.connect()
    await socket.disconnect() if answer else await socket.wait()
    return answer


async def test_lets_a_page_of_this_host_in():
    assert await admitted([HOST, ORIGIN])


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (b"https://monkey.example", b"monkey.example"),
        (b"http://MONKEY.example:6660", b"monkey.example:6660"),
        (b"http://[::1]:6660", b"[::1]:6660"),
        (b"http://127.0.0.1:6660", b"127.0.0.1:6660"),
    ],
)
async def test_compares_host_and_port_alone(origin, host):
    assert await admitted([(b"host", host), (b"origin", origin)])


@pytest.mark.parametrize(
    "origin",
    [
        b"http://evil.example",
        b"http://monkey.example",
        b"http://monkey.example:6661",
        b"http://monkey.example.evil.example:6660",
        b"http://evil.monkey.example:6660",
        b"http://monkey.example:6660@evil.example",
        b"null",
        b"",
        b"monkey.example:6660",
        b"file://monkey.example:6660",
        b"chrome-extension://monkey.example:6660",
        b"http://monkey.example:port",
        b"http://[",
        b"\xff\xfe",
    ],
)
async def test_refuses_another_origin(origin):
    assert not await admitted([HOST, (b"origin", origin)])


async def test_refuses_a_missing_origin():
    assert not await admitted([HOST])


async def test_refuses_two_origins():
    assert not await admitted([HOST, ORIGIN, (b"origin", b"http://evil.example")])


async def test_refuses_a_missing_host():
    assert not await admitted([ORIGIN])


async def test_refuses_a_host_that_is_not_allowed(settings):
    settings.ALLOWED_HOSTS = ["other.example"]
    assert not await admitted([HOST, ORIGIN])


async def test_lets_a_listed_name_in_behind_a_proxy_that_changes_the_host(settings):
    settings.ALLOWED_HOSTS = ["backend", "monkey.example"]
    headers = [(b"host", b"backend:6660"), (b"origin", b"https://monkey.example")]
    assert await admitted(headers)


async def test_another_program_on_a_listed_host_is_refused(settings):
    settings.ALLOWED_HOSTS = ["backend", "monkey.example"]
    headers = [(b"host", b"backend:6660"), (b"origin", b"https://monkey.example:8443")]
    assert not await admitted(headers)


async def test_a_wildcard_lists_nobody(settings):
    settings.ALLOWED_HOSTS = ["*", ".example"]
    assert not await admitted([HOST, (b"origin", b"http://evil.example")])


async def test_refuses_a_stranger():
    assert not await admitted([HOST, ORIGIN], AnonymousUser())


async def test_refuses_an_inactive_user():
    user = SimpleNamespace(is_authenticated=True, is_active=False, must_change_password=False)
    assert not await admitted([HOST, ORIGIN], user)


async def test_refuses_while_a_change_of_the_password_is_due(settings):
    user = SimpleNamespace(is_authenticated=True, is_active=True, must_change_password=True)
    assert not await admitted([HOST, ORIGIN], user)
    settings.ALLOW_DEFAULT_PASSWORD = True
    assert await admitted([HOST, ORIGIN], user)


async def test_what_works_for_somebody_who_takes_nothing_is_ended(monkeypatch):
    monkeypatch.setattr(sockets, "SEND_PATIENCE", 0.05)
    monkeypatch.setattr(sockets, "CHECK_SECONDS", 0.05)
    ended = []

    async def flooding(scope, receive, send):
        await receive()
        try:
            while True:
                await send({"type": "websocket.send", "bytes": b"x"})
        except OSError as error:
            ended.append(error)
        ended.append(await receive())

    async def connected():
        if not ended:
            return {"type": "websocket.connect"}
        return await asyncio.Event().wait()

    async def untaken(message):
        await asyncio.Event().wait()

    scope = {"type": "websocket", "headers": [HOST, ORIGIN], "user": PERSON}
    async with asyncio.timeout(10):
        await GuardedSocket(flooding)(scope, connected, untaken)
    assert [type(ended[0]), ended[1]["type"]] == [TimeoutError, "websocket.disconnect"]

import asyncio

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import InterfaceError, OperationalError, ProgrammingError

from accounts.models import User
from containermonkey import sockets
from containermonkey.sockets import FaultsOfTheDatabase, GuardedSocket
from tests.sockets import PATIENCE, Socket

HOST = (b"host", b"monkey.example:6660")
ORIGIN = (b"origin", b"http://monkey.example:6660")
PERSON = User(is_superuser=True)

# Whoever asks the database in a thread first closes what an earlier test may have left open there,
# and that is an access too.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_name_of_its_own(settings):
    settings.KNOWN_HOSTS = [".monkey.example"]


async def accepting(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})


async def admitted(headers, user=PERSON) -> bool:
    socket = Socket(GuardedSocket(accepting), "/ws/progress", headers=headers)
    socket.scope |= {"user": user, "session": {}}
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
    settings.KNOWN_HOSTS = ["other.example"]
    assert not await admitted([HOST, ORIGIN])


async def test_lets_a_listed_name_in_behind_a_proxy_that_changes_the_host(settings):
    settings.KNOWN_HOSTS = ["backend", "monkey.example"]
    headers = [(b"host", b"backend:6660"), (b"origin", b"https://monkey.example")]
    assert await admitted(headers)


async def test_another_program_on_a_listed_host_is_refused(settings):
    settings.KNOWN_HOSTS = ["backend", "monkey.example"]
    headers = [(b"host", b"backend:6660"), (b"origin", b"https://monkey.example:8443")]
    assert not await admitted(headers)


async def test_a_wildcard_lists_nobody(settings):
    settings.KNOWN_HOSTS = ["*", ".example"]
    assert not await admitted([HOST, (b"origin", b"http://evil.example")])


async def test_refuses_a_stranger():
    assert not await admitted([HOST, ORIGIN], AnonymousUser())


async def test_refuses_an_inactive_user():
    user = User(is_superuser=True, is_active=False)
    assert not await admitted([HOST, ORIGIN], user)


async def test_refuses_while_a_change_of_the_password_is_due(settings):
    user = User(is_superuser=True, must_change_password=True)
    assert not await admitted([HOST, ORIGIN], user)
    settings.ALLOW_DEFAULT_PASSWORD = True
    assert await admitted([HOST, ORIGIN], user)


async def test_what_works_for_somebody_who_takes_nothing_is_ended(monkeypatch):
    monkeypatch.setattr(sockets, "SEND_PATIENCE", 0.05)
    monkeypatch.setattr(sockets, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(sockets, "why_over", lambda scope, entry: None)
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

    scope = {"type": "websocket", "headers": [HOST, ORIGIN], "user": PERSON, "session": {}}
    async with asyncio.timeout(PATIENCE):
        await GuardedSocket(flooding)(scope, connected, untaken)
    assert [type(ended[0]), ended[1]["type"]] == [TimeoutError, "websocket.disconnect"]


@pytest.fixture
async def looked(monkeypatch):
    """A database that says of nobody what they may; set whenever it was asked."""

    looked, loop = asyncio.Event(), asyncio.get_event_loop()

    def failing(scope, entry):
        loop.call_soon_threadsafe(looked.set)
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(sockets, "why_over", failing)
    monkeypatch.setattr(sockets, "is_away", lambda error: True)
    monkeypatch.setattr(sockets, "CHECK_SECONDS", 0.02)
    return looked


async def test_a_socket_outlives_an_outage_of_the_database_but_no_long_one(monkeypatch, looked):
    socket = Socket(GuardedSocket(echoing), "/ws/progress", headers=[HOST, ORIGIN])
    socket.scope |= {"user": PERSON, "session": {}}
    await socket.connect()
    for number in range(5):
        await asyncio.wait_for(looked.wait(), PATIENCE)
        looked.clear()
        await socket.send_to(text_data=str(number))
        assert await socket.receive_from() == str(number)
    monkeypatch.setattr(sockets, "UNSURE_SECONDS", 0.01)
    answer = await socket.receive_output()
    assert answer == {"type": "websocket.close", "code": 1013}
    await socket.wait()


async def echoing(scope, receive, send):
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "websocket.send", "text": message["text"]})


@pytest.mark.parametrize("error", [OperationalError("away"), InterfaceError("closed")])
async def test_a_socket_that_a_fault_of_the_database_ends_is_closed(monkeypatch, error, caplog):
    monkeypatch.setattr(sockets, "problem_of", lambda error: error)

    async def failing(scope, receive, send):
        await receive()
        raise error

    socket = Socket(FaultsOfTheDatabase(failing), "/ws/progress")
    assert await socket.connect() == (False, 1013)
    assert f"WebSocket /ws/progress: {error}" in caplog.text


async def test_a_defect_of_ours_is_not_taken_for_a_fault_of_the_database():
    async def failing(scope, receive, send):
        raise ProgrammingError("no such column")

    socket = Socket(FaultsOfTheDatabase(failing), "/ws/progress")
    await socket.send_input({"type": "websocket.connect"})
    with pytest.raises(ProgrammingError):
        await socket.wait()

"""Opens every WebSocket of the program as those who may not."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.rights import Role
from accounts.roles import give_role
from accounts.services import ensure_first_user
from accounts.tokens.services import make_token
from containermonkey.asgi import application
from tests import addresses
from tests.sockets import Socket

HOST = (b"host", b"testserver")
ORIGIN = (b"origin", b"http://testserver")

pytestmark = pytest.mark.django_db(transaction=True)
every_socket = pytest.mark.parametrize("path", addresses.sockets())


async def opens(path: str, session: str, *headers: tuple[bytes, bytes]) -> bool:
    cookie = (b"cookie", f"sessionid={session}".encode())
    socket = Socket(application, path, headers=[cookie, *headers])
    accepted, _ = await socket.connect()
    await socket.disconnect() if accepted else await socket.wait()
    return accepted


@sync_to_async
def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


@sync_to_async
def token_of(user: User) -> str:
    ends = timezone.now() + timedelta(days=1)
    return f"Bearer {make_token(user, 'script', Role.VIEWER, ends).secret}"


@sync_to_async
def newcomer() -> User:
    ensure_first_user()
    return User.objects.get()


@sync_to_async
def somebody() -> User:
    user = User.objects.create_user("otto")
    give_role(user, Role.VIEWER)
    return user


async def test_one_opens_for_who_may():
    assert await opens("/ws/progress", await session_of(await somebody()), HOST, ORIGIN)


@every_socket
async def test_a_stranger_is_refused(path):
    assert not await opens(path, "none", HOST, ORIGIN)


@every_socket
async def test_a_page_of_elsewhere_is_refused(path):
    session = await session_of(await somebody())
    assert not await opens(path, session, HOST, (b"origin", b"http://evil.example"))


@every_socket
async def test_no_origin_is_refused(path):
    assert not await opens(path, await session_of(await somebody()), HOST)


@every_socket
async def test_who_has_to_change_the_password_is_refused(path):
    assert not await opens(path, await session_of(await newcomer()), HOST, ORIGIN)


@every_socket
async def test_a_token_opens_none(path):
    """So none stays open after its token is deleted, or has come to its end."""
    made = await token_of(await somebody())
    assert not await opens(path, "none", HOST, ORIGIN, (b"authorization", made.encode()))


async def test_an_address_without_a_socket_is_refused():
    session = await session_of(await somebody())
    assert not await opens("/ws/nowhere", session, HOST, ORIGIN)

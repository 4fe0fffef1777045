"""A socket ends with the session that opened it."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from containermonkey import sockets
from containermonkey.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(sockets, "CHECK_SECONDS", 0.05)


@sync_to_async
def signed_in() -> tuple[User, str]:
    user = User.objects.create_user("otto", password="a long enough one")
    client = Client()
    client.force_login(user)
    return user, client.cookies["sessionid"].value


async def opened(session: str) -> WebsocketCommunicator:
    headers = [
        (b"cookie", f"sessionid={session}".encode()),
        (b"host", b"testserver"),
        (b"origin", b"http://testserver"),
    ]
    socket = WebsocketCommunicator(application, "/ws/progress", headers=headers)
    accepted, _ = await socket.connect(timeout=5)
    assert accepted
    return socket


async def closed_with(socket: WebsocketCommunicator) -> int:
    while (said := await socket.receive_output(timeout=10))["type"] != "websocket.close":
        pass
    return said["code"]


def sign_out(user: User) -> None:
    Session.objects.all().delete()


def change_password(user: User) -> None:
    user.set_password("another long enough one")
    user.save()


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def delete(user: User) -> None:
    user.delete()


def have_to_change(user: User) -> None:
    User.objects.filter(pk=user.pk).update(must_change_password=True)


@pytest.mark.parametrize(
    "end", [sign_out, change_password, deactivate, delete, have_to_change], ids=lambda f: f.__name__
)
async def test_it_is_closed_when_the_right_to_it_is_over(end, settings):
    settings.ALLOW_DEFAULT_PASSWORD = False
    user, session = await signed_in()
    socket = await opened(session)
    await sync_to_async(end)(user)
    assert await closed_with(socket) == sockets.SIGNED_OUT


async def test_it_is_closed_however_much_is_sent_through_it():
    user, session = await signed_in()
    socket = await opened(session)
    await sync_to_async(sign_out)(user)

    async def keep_sending() -> None:
        while True:
            await socket.send_to(text_data="still here")
            await asyncio.sleep(0.01)

    sending = asyncio.create_task(keep_sending())
    assert await closed_with(socket) == sockets.SIGNED_OUT
    sending.cancel()


async def test_it_stays_open_as_long_as_the_session():
    _, session = await signed_in()
    socket = await opened(session)
    await asyncio.sleep(0.5)  # ten looks
    await socket.send_to(text_data="still here")
    assert "jobs-changed" in await socket.receive_from(timeout=5)
    await socket.disconnect()


async def test_nothing_is_left_when_the_browser_goes():
    _, session = await signed_in()
    before = len(asyncio.all_tasks())
    socket = await opened(session)
    await socket.disconnect()
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > before:
            await asyncio.sleep(0.01)

"""A socket ends with the session that opened it."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts.models import Session, User
from accounts.rights import Role
from accounts.roles import give_role
from accounts.sessions.services import drop
from containermonkey import sockets
from containermonkey.asgi import application
from jobs.models import Job, Status
from tests.sockets import PATIENCE, Socket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(sockets, "CHECK_SECONDS", 0.05)


@sync_to_async
def signed_in() -> tuple[User, str]:
    user = User.objects.create_user("otto", password="a long enough one")
    give_role(user, Role.VIEWER)
    client = Client()
    client.force_login(user)
    return user, client.cookies["sessionid"].value


async def opened(session: str) -> Socket:
    headers = [
        (b"cookie", f"sessionid={session}".encode()),
        (b"host", b"testserver"),
        (b"origin", b"http://testserver"),
    ]
    socket = Socket(application, "/ws/progress", headers=headers)
    accepted, _ = await socket.connect()
    assert accepted
    return socket


async def closed_with(socket: Socket) -> int:
    async with asyncio.timeout(PATIENCE):  # for all of it: the figures of the host never end
        while (said := await socket.receive_output())["type"] != "websocket.close":
            pass
    return said["code"]


async def card_of(socket: Socket, job: Job) -> str:
    async with asyncio.timeout(PATIENCE):
        while f"#job-{job.progress_id}" not in (said := await socket.receive_from()):
            pass
    return said


def sign_out(user: User) -> None:
    Session.objects.all().delete()


def have_the_session_ended(user: User) -> None:
    drop(user)


def change_password(user: User) -> None:
    user.set_password("another long enough one")
    user.save()


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def delete(user: User) -> None:
    user.delete()


def have_to_change(user: User) -> None:
    User.objects.filter(pk=user.pk).update(must_change_password=True)


def lose_the_role(user: User) -> None:
    user.groups.clear()


@pytest.mark.parametrize(
    "end",
    [
        sign_out,
        have_the_session_ended,
        change_password,
        deactivate,
        delete,
        have_to_change,
        lose_the_role,
    ],
    ids=lambda f: f.__name__,
)
async def test_it_is_closed_when_the_right_to_it_is_over(end, settings):
    settings.ALLOW_DEFAULT_PASSWORD = False
    user, session = await signed_in()
    socket = await opened(session)
    await sync_to_async(end)(user)
    assert await closed_with(socket) == sockets.SIGNED_OUT


@pytest.mark.parametrize(("before", "after"), [(Role.OPERATOR, Role.VIEWER), tuple(Role)[:2]])
async def test_it_is_closed_and_may_be_opened_anew_when_rights_are_others(before, after):
    user, session = await signed_in()
    await sync_to_async(give_role)(user, before)
    socket = await opened(session)
    await sync_to_async(give_role)(user, after)
    assert await closed_with(socket) == sockets.RIGHTS_CHANGED
    socket = await opened(session)
    await socket.disconnect()


async def test_a_demoted_operator_gets_cards_of_viewers(data_dir):
    user, session = await signed_in()
    await sync_to_async(give_role)(user, Role.OPERATOR)
    job = await sync_to_async(Job.objects.create)(
        kind="backup", subject="web", status=Status.RUNNING
    )
    socket = await opened(session)
    assert "which operators have" not in await card_of(socket, job)
    await sync_to_async(give_role)(user, Role.VIEWER)
    assert await closed_with(socket) == sockets.RIGHTS_CHANGED
    socket = await opened(session)
    assert "which operators have" in await card_of(socket, job)
    await socket.disconnect()


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
    assert "jobs-changed" in await socket.receive_from()
    await socket.disconnect()


async def test_nothing_is_left_when_the_browser_goes():
    _, session = await signed_in()
    before = len(asyncio.all_tasks())
    socket = await opened(session)
    await socket.disconnect()
    async with asyncio.timeout(PATIENCE):
        while len(asyncio.all_tasks()) > before:
            await asyncio.sleep(0.01)

"""Whose /ws/containers/<id>/exec is opened, and until when, with all that stands before it."""

import time
from collections.abc import Callable

import pyotp
import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts.models import User
from accounts.rights import Role
from accounts.roles import give_role
from accounts.second_factor import services
from containermonkey import sockets
from tests.containers.console.sockets import PATIENCE, GuardedSocket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(sockets, "CHECK_SECONDS", 0.05)


@sync_to_async
def client_of(role: Role, name: str = "otto") -> Client:
    user = User.objects.create_user(name, password="a long enough one")
    give_role(user, role)
    client = Client()
    client.force_login(user)
    return client


def cookie(client: Client) -> str:
    return client.cookies["sessionid"].value


async def is_refused(client: Client) -> bool:
    socket = GuardedSocket("web", cookie(client))
    opened, _ = await socket.connect(timeout=PATIENCE)
    await socket.disconnect() if opened else await socket.wait()
    return not opened


async def test_a_viewer_gets_none(make_container):
    make_container("web")
    assert await is_refused(await client_of(Role.VIEWER))


def demote(user: User) -> None:
    give_role(user, Role.VIEWER)


def promote(user: User) -> None:
    give_role(user, Role.ADMINISTRATOR)


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def change_password(user: User) -> None:
    user.set_password("another long enough one")
    user.save()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (demote, sockets.SIGNED_OUT),
        (promote, sockets.RIGHTS_CHANGED),
        (deactivate, sockets.SIGNED_OUT),
        (change_password, sockets.SIGNED_OUT),
    ],
)
async def test_one_that_is_open_ends_with_the_rights_that_opened_it(
    change: Callable[[User], None], code: int, make_container, nothing_runs
):
    container = make_container("web")
    client = await client_of(Role.OPERATOR)
    async with GuardedSocket("web", cookie(client)) as socket:
        await socket.type("echo he''re\n")
        await socket.see("here")
        await sync_to_async(lambda: change(User.objects.get()))()
        assert await socket.closed() == code
    await sync_to_async(nothing_runs)(container)


async def test_it_takes_a_fresh_code_where_one_is_asked_for(make_container, settings):
    make_container("web")
    settings.FRESH_CODE = 600
    client = await client_of(Role.OPERATOR)
    assert not await is_refused(client)  # without a second factor there is no code to give
    await sync_to_async(have_second_factor)()
    assert await is_refused(client)
    await sync_to_async(note_code)(client, time.time() - 601)
    assert await is_refused(client)
    await sync_to_async(note_code)(client, time.time() - 300)
    async with GuardedSocket("web", cookie(client)) as socket:
        await socket.type("echo he''re\n")
        await socket.see("here")


def have_second_factor() -> None:
    services.keep(User.objects.get(), pyotp.random_base32(), 0)


def note_code(client: Client, at: float) -> None:
    session = client.session
    session["code_at"] = at
    session.save()

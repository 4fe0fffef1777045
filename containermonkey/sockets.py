"""Who may open a WebSocket: signed in, nothing due, and from a page of this host."""

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from accounts.audit import Actor, acting, is_stale
from accounts.gate import act_of
from accounts.models import Right, User
from accounts.rights import right_for, rights_of
from accounts.services import change_due
from containermonkey import hosts
from containermonkey.asgi_types import Application, Message, Receive, Scope, Send
from containermonkey.database import FAILURES, is_away, problem_of
from containermonkey.hosts import answers_to
from containermonkey.once import warn_once
from containermonkey.origins import advice

logger = logging.getLogger(__name__)

CHECK_SECONDS = 5.0
"""How often it is looked whether those who opened a socket may still have it."""

SEND_PATIENCE = 60.0
"""Seconds that the other side may leave what is sent to it untaken. The server pings, but where
its buffer is full it neither ends the connection nor says that nobody answers."""

SIGNED_OUT = 4401
"""The code with which a socket is closed whose session is over."""

RIGHTS_CHANGED = 4205
"""The code with which a socket is closed that was opened with other rights than its user has now:
what comes through it was chosen by those. Whoever opens it anew gets what is theirs today."""

FOR_A_PROBLEM = 4000
"""To this the status of the problem is added for which a socket is closed: 4404 is a container that
is not there."""

GONE = 1006
"""The code that stands for an end without a word."""

TRY_AGAIN = 1013
"""The code with which a socket is closed that cannot be had just now."""

DEFECT = 1011
"""The code with which a socket is closed that a defect of ours has ended."""

UNSURE_SECONDS = 60.0
"""For how long a socket stays open while the database cannot say whether it still may be."""


class FaultsOfTheDatabase:
    """Closes a socket whose opening or work a failing database has ended, as a page answers 503."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.inner(scope, receive, send)
        except FAILURES as error:
            if problem_of(error) is None:
                raise
            logger.error("WebSocket %s: %s", scope["path"], error)
            with suppress(OSError):
                await send({"type": "websocket.close", "code": TRY_AGAIN})


class GuardedSocket:
    """Refuses the handshake (403) unless the caller may use sockets.

    A socket ends with what it was opened by: when the session is over, the password is changed
    or the user may no longer sign in or lost the right, it is closed with the code 4401; when
    their rights are others for the rest, with 4205.
    """

    def __init__(self, inner: Application) -> None:
        self.inner = inner
        self.act = act_of(inner, "GET")
        self.right = right_for(self.act)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = (scope.get("client") or ("",))[0]

        def who() -> Actor:
            return Actor.of(scope["user"], address, scope["session"])

        def may_open() -> bool:
            return is_entitled(scope["user"], self.right) and not is_stale(self.act, who())

        own = is_from_our_page(scope)
        if not own:
            tell(scope)
        admitted = own and await database_sync_to_async(may_open)()
        with acting(who):
            if admitted:
                watched = While(scope, receive, send, Entry(self.right, rights_of(scope["user"])))
                await self.inner(scope, watched.entitled, watched.send)
            else:
                await refuse(scope, receive, send)


@dataclass(frozen=True)
class Entry:
    """By what a socket was opened: the right that it takes, and all that its user had."""

    right: Right
    rights: frozenset[Right]


class While:
    """Hands on what arrives while the caller is there and entitled to it, and then the end."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, entry: Entry) -> None:
        self._scope, self._receive, self._send, self._entry = scope, receive, send, entry
        self._sure_at = time.monotonic()
        self._next_check = self._sure_at + CHECK_SECONDS
        self._gone = False

    async def send(self, message: Message) -> None:
        """Send a message. Raise TimeoutError, an OSError, where nobody takes it."""
        try:
            async with asyncio.timeout(SEND_PATIENCE):
                await self._send(message)
        except TimeoutError:
            self._gone = True
            raise

    async def entitled(self) -> Message:
        """The next message; `websocket.disconnect` once the caller is not entitled any more.

        It is looked at in time however many messages come: a console may never fall silent.
        """
        while True:
            left = self._next_check - time.monotonic()
            if left <= 0:
                if self._gone:
                    return {"type": "websocket.disconnect", "code": GONE}
                if code := await self._reason_to_close():
                    with suppress(TimeoutError):
                        await self.send({"type": "websocket.close", "code": code})
                    return {"type": "websocket.disconnect", "code": code}
                self._next_check = time.monotonic() + CHECK_SECONDS
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    return await self._receive()

    async def _reason_to_close(self) -> int | None:
        """The code to close with, where the caller may not go on, or nobody can say any more."""
        try:
            code = await database_sync_to_async(why_over)(self._scope, self._entry)
        except FAILURES as error:
            if not is_away(error):
                raise
            is_unsure = time.monotonic() - self._sure_at > UNSURE_SECONDS
            return TRY_AGAIN if is_unsure else None
        self._sure_at = time.monotonic()
        return code


def why_over(scope: Scope, entry: Entry) -> int | None:
    """The code to close a socket with, unless its session would open the very same one now.

    Asks the database.
    """
    request = HttpRequest()
    sessions = import_module(settings.SESSION_ENGINE)
    request.session = sessions.SessionStore(scope["session"].session_key)
    user = get_user(request)
    if not is_entitled(user, entry.right):
        return SIGNED_OUT
    return None if rights_of(user) == entry.rights else RIGHTS_CHANGED


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a handshake with 403: that is what closing before accepting means."""
    await receive()
    await send({"type": "websocket.close"})


def is_entitled(user: User | AnonymousUser, right: Right) -> bool:
    """Whether somebody may use sockets that take a right; asks the database."""
    return right in rights_of(user) and not change_due(user)


def is_from_our_page(scope: Scope) -> bool:
    """Whether the page that opens the socket comes from this very host and port.

    A browser sends the session's cookie along whichever site's page opens a socket, and no CSRF
    token; only `Origin` tells. Its scheme is not compared: a proxy may end TLS before us.
    """
    origin, host = header(scope, b"origin"), header(scope, b"host")
    if not answers_to(host):
        return False
    try:
        page = urlsplit(origin)
        port = page.port
    except ValueError:
        return False
    if page.scheme not in {"http", "https"} or not page.hostname:
        return False
    if page.netloc.lower() == host.lower():
        return True
    # A proxy that passes on a Host of its own: its public name has to be listed, and is on the
    # standard port, because another port of a listed host is another program.
    return port is None and page.hostname in listed_hosts()


def header(scope: Scope, name: bytes) -> str:
    """The one value of a header; nothing where it is missing or there are several."""
    values = [value for key, value in scope["headers"] if key.lower() == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def listed_hosts() -> set[str]:
    """The listed hosts that are named in full: a wildcard vouches for nobody's page."""
    return {name.lower() for name in settings.KNOWN_HOSTS if name[:1] not in {"*", "."}}


def tell(scope: Scope) -> None:
    """Say in the log why a socket was refused, for whoever runs the program behind a proxy."""
    origin, host = header(scope, b"origin"), header(scope, b"host")
    if not answers_to(host):
        hosts.tell(host)
    elif origin:
        secure = scope.get("scheme") == "wss"
        own = f"{'https' if secure else 'http'}://{host}"
        warn_once(logger, f"A socket was refused. {advice(origin, own, scope)}")

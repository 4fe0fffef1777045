"""Who may open a WebSocket: signed in, nothing due, and from a page of this host."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

from accounts.audit import Actor, acting
from accounts.services import change_due

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


CHECK_SECONDS = 5.0
"""How often it is looked whether those who opened a socket may still have it."""

SEND_PATIENCE = 60.0
"""Seconds that the other side may leave what is sent to it untaken. The server pings, but where
its buffer is full it neither ends the connection nor says that nobody answers."""

SIGNED_OUT = 4401
"""The code with which a socket is closed whose session is over."""

GONE = 1006
"""The code that stands for an end without a word."""


class GuardedSocket:
    """Refuses the handshake (403) unless the caller may use sockets.

    A socket ends with what it was opened by: when the session is over, the password is changed
    or the user may no longer sign in, it is closed with the code 4401.
    """

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        admitted = is_from_our_page(scope) and is_entitled(scope)
        address = (scope.get("client") or ("",))[0]
        with acting(lambda: Actor.of(scope["user"], address)):
            if admitted:
                watched = While(scope, receive, send)
                await self.inner(scope, watched.entitled, watched.send)
            else:
                await refuse(scope, receive, send)


class While:
    """Hands on what arrives while the caller is there and entitled to it, and then the end."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._next_check = time.monotonic() + CHECK_SECONDS
        self._gone = False

    async def send(self, message: dict[str, Any]) -> None:
        """Send a message. Raise TimeoutError, an OSError, where nobody takes it."""
        try:
            async with asyncio.timeout(SEND_PATIENCE):
                await self._send(message)
        except TimeoutError:
            self._gone = True
            raise

    async def entitled(self) -> dict[str, Any]:
        """The next message; `websocket.disconnect` once the caller is not entitled any more.

        It is looked at in time however many messages come: a console may never fall silent.
        """
        while True:
            left = self._next_check - time.monotonic()
            if left <= 0:
                if self._gone:
                    return {"type": "websocket.disconnect", "code": GONE}
                if not await database_sync_to_async(is_still_entitled)(self._scope):
                    with suppress(TimeoutError):
                        await self.send({"type": "websocket.close", "code": SIGNED_OUT})
                    return {"type": "websocket.disconnect", "code": SIGNED_OUT}
                self._next_check = time.monotonic() + CHECK_SECONDS
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    return await self._receive()


def is_still_entitled(scope: Scope) -> bool:
    """Whether the session that opened a socket would open it now; asks the database."""
    request = HttpRequest()
    sessions = import_module(settings.SESSION_ENGINE)
    request.session = sessions.SessionStore(scope["session"].session_key)
    return is_entitled({"user": get_user(request)})


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a handshake with 403: that is what closing before accepting means."""
    await receive()
    await send({"type": "websocket.close"})


def is_entitled(scope: Scope) -> bool:
    user = scope["user"]
    return user.is_authenticated and user.is_active and not change_due(user)


def is_from_our_page(scope: Scope) -> bool:
    """Whether the page that opens the socket comes from this very host and port.

    A browser sends the session's cookie along whichever site's page opens a socket, and no CSRF
    token; only `Origin` tells. Its scheme is not compared: a proxy may end TLS before us.
    """
    origin, host = header(scope, b"origin"), header(scope, b"host")
    if not is_allowed_host(host):
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


def is_allowed_host(host: str) -> bool:
    name, _ = split_domain_port(host)
    return bool(name) and validate_host(name, settings.ALLOWED_HOSTS)


def listed_hosts() -> set[str]:
    """The allowed hosts that are named in full: a wildcard vouches for nobody's page."""
    return {name.lower() for name in settings.ALLOWED_HOSTS if name[:1] not in {"*", "."}}

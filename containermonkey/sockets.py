"""Who may open a WebSocket: signed in, nothing due, and from a page of this host."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from accounts.audit import Actor, acting
from accounts.services import change_due

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class GuardedSocket:
    """Refuses the handshake (403) unless the caller may use sockets."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        admitted = is_from_our_page(scope) and is_entitled(scope)
        address = (scope.get("client") or ("",))[0]
        with acting(lambda: Actor.of(scope["user"], address)):
            await (self.inner if admitted else refuse)(scope, receive, send)


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

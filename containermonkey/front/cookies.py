"""Cookies behind TLS: marked as secure, and under names that no other site can set.

A browser takes a cookie whose name begins with `__Host-` only over TLS, for this host alone and
with no word of another one below or beside it. Without TLS there can be no such cookie, and one
installation may be called both ways. So the names are exchanged here, where the scheme is known,
and everything behind goes by those of the settings.
"""

from collections.abc import Iterable

from django.conf import settings

from containermonkey.asgi_types import Application, Message, Receive, Scope, Send

PREFIX = b"__Host-"


class SecureCookies:
    """Renames the session's cookie and the CSRF token's on their way in and out, over TLS."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("scheme") not in {"https", "wss"}:
            await self.inner(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if "headers" in message:
                message = {**message, "headers": [*secured(message["headers"])]}
            await send(message)

        await self.inner({**scope, "headers": [*named(scope["headers"])]}, receive, sending)


def our_names() -> list[bytes]:
    return [settings.SESSION_COOKIE_NAME.encode(), settings.CSRF_COOKIE_NAME.encode()]


def named(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    """A request's headers with our cookies under their plain names.

    What comes under those names itself is left out: anybody in the network could have set it.
    """
    ours = our_names()
    for name, value in headers:
        if name == b"cookie":
            pairs = [pair.strip() for pair in value.split(b";")]
            kept = [pair for pair in pairs if pair.partition(b"=")[0] not in ours]
            value = b"; ".join(
                pair.removeprefix(PREFIX)
                if pair.partition(b"=")[0].removeprefix(PREFIX) in ours
                else pair
                for pair in kept
            )
        yield name, value


def secured(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    """An answer's headers with our cookies prefixed and every cookie for TLS alone."""
    ours = our_names()
    for name, value in headers:
        if name.lower() == b"set-cookie":
            if value.partition(b"=")[0] in ours:
                value = PREFIX + value
            marks = [mark.strip().lower() for mark in value.split(b";")]
            value = value if b"secure" in marks else value + b"; Secure"
        yield name, value

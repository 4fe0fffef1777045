"""Who is calling, by which scheme and name: as our proxies say it, and nobody else.

The headers in which a proxy says so can be sent by anybody. They count only from the addresses of
CONTAINERMONKEY_TRUSTED_PROXIES, and reach nothing behind this in any case.
"""

from functools import cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.conf import settings

from containermonkey.asgi_types import Application, Headers, Receive, Scope, Send

FOR, PROTO, HOST = b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"
OTHERS = {b"forwarded", b"x-forwarded-port", b"x-forwarded-server", b"x-real-ip"}
SAID_BY_PROXIES = {FOR, PROTO, HOST, *OTHERS}

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Proxies:
    """Hands on requests and sockets with the caller's own address, scheme and host in them."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            scope = as_called(scope)
        await self.inner(scope, receive, send)


def as_called(scope: Scope) -> Scope:
    """The scope as if there were no proxies between.

    `through` in it is the address of a proxy that was believed; `unbelieved` says whether
    somebody spoke as one who is none.
    """
    peer = (scope.get("client") or ("", 0))[0]
    kept = [(name, value) for name, value in scope["headers"] if name not in SAID_BY_PROXIES]
    if not is_trusted(peer):
        return {**scope, "headers": kept, "unbelieved": len(kept) < len(scope["headers"])}
    found = {**scope, "headers": kept, "through": peer}
    if hops := values_of(scope["headers"], FOR):
        found["client"] = (farthest(hops), 0)
    # Of several values the last is what the proxy next to us wrote; the others it was given.
    if (said := last(scope["headers"], PROTO)) in {"http", "https"}:
        found["scheme"] = said.replace("http", "ws") if scope["type"] == "websocket" else said
    if host := last(scope["headers"], HOST):
        others = [(name, value) for name, value in kept if name != b"host"]
        found["headers"] = [*others, (b"host", host.encode("latin-1"))]
    return found


def farthest(hops: list[str]) -> str:
    """The address that the proxies vouch for: the last that is none of theirs.

    Whatever stands before it, the caller may have made up.
    """
    for hop in reversed(hops):
        if not is_trusted(hop):
            return plain(hop)
    return plain(hops[0])


def is_trusted(address: str) -> bool:
    """Whether this is one of our proxies; a word that is no address is nobody's."""
    known = parsed(address)
    return known is not None and any(
        known in network for network in networks(tuple(settings.TRUSTED_PROXIES))
    )


@cache
def networks(listed: tuple[str, ...]) -> list[Network]:
    every = ["0.0.0.0/0", "::/0"]
    spelled = [one for entry in listed for one in (every if entry == "*" else [entry])]
    return [ip_network(one, strict=False) for one in spelled]


def plain(address: str) -> str:
    """An address without the port that some proxies add; a word that is none as it came."""
    known = parsed(address)
    return str(known) if known else address[:64]


def parsed(address: str) -> Address | None:
    """The address in `192.0.2.1:80`, `[2001:db8::1]:80` or either without a port."""
    bare = address.partition("]")[0][1:] if address[:1] == "[" else address
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def values_of(headers: Headers, name: bytes) -> list[str]:
    """All values of a header that is a list, which may come in several lines."""
    lines = [value.decode("latin-1") for key, value in headers if key == name]
    return [value.strip() for line in lines for value in line.split(",") if value.strip()]


def last(headers: Headers, name: bytes) -> str:
    values = values_of(headers, name)
    return values[-1] if values else ""

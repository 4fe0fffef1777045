"""How often somebody may try: wrong passwords tightly, calls of the API generously."""

import ipaddress
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.http import HttpRequest
from django_ratelimit.core import get_usage

from accounts.problems import TooManyRequests

FAILURES_PER_NAME_AND_ADDRESS = "10/m"
FAILURES_PER_ADDRESS = "20/m"
# From all addresses together. Generous, so that a stranger at one address who tries an owner's
# name does not lock the owner out at another.
FAILURES_PER_NAME = "60/m"
CALLS = "1200/m"

POLLED = re.compile(r"/api/(backup-progress/.+|container/[^/]+/stats|statistics|system-stats)")
"""Addresses that pages and scripts ask again and again; they cost little and are not counted."""

# Two guesses at once would both be let in by the count of before. One at a time, the limit holds
# exactly, and guessing costs the machine one processor at most.
one_guess = threading.Lock()


@contextmanager
def guess(request: HttpRequest, username: str) -> Iterator[Callable[[], None]]:
    """Lets one guess at a password be made and gives the function that counts it as a failure.

    Raise TooManyRequests when there were too many failures within the last minute.
    """
    counters = failure_counters(request, username)

    def count_failure() -> None:
        for group, value, rate in counters:
            count(request, group, value, rate)

    with one_guess:
        for group, value, rate in counters:
            refuse_when_used_up(request, group, value, rate)
        yield count_failure


def failure_counters(request: HttpRequest, username: str) -> list[tuple[str, str, str]]:
    """Group, value and rate of everything that a wrong password counts against.

    The address comes first: when it is used up, no counters are made for the names it tries.
    """
    address = address_of(request)
    name = username[:150].casefold().encode("utf-8", "replace").decode()
    return [
        ("failures-address", address, FAILURES_PER_ADDRESS),
        ("failures-both", f"{address} {name}", FAILURES_PER_NAME_AND_ADDRESS),
        ("failures-name", name, FAILURES_PER_NAME),
    ]


def refuse_when_used_up(request: HttpRequest, group: str, value: str, rate: str) -> None:
    usage = get_usage(request, group=group, key=lambda *_: value, rate=rate)
    if usage and usage["count"] >= usage["limit"]:
        raise too_many("Too many failed attempts", usage["time_left"])


def count(request: HttpRequest, group: str, value: str, rate: str) -> None:
    get_usage(request, group=group, key=lambda *_: value, rate=rate, increment=True)


def count_call(request: HttpRequest) -> None:
    """Count a call of the API, per user or else per address.

    Raise TooManyRequests when there were too many within the last minute.
    """
    if POLLED.fullmatch(request.path):
        return
    caller = f"user {request.user.pk}" if request.user.pk else f"address {address_of(request)}"
    usage = get_usage(request, group="api", key=lambda *_: caller, rate=CALLS, increment=True)
    if usage and usage["should_limit"]:
        raise too_many("Too many requests", usage["time_left"])


def too_many(what: str, seconds: int) -> TooManyRequests:
    seconds = max(1, seconds)
    unit = "second" if seconds == 1 else "seconds"
    return TooManyRequests(f"{what}. Try again in {seconds} {unit}.", seconds)


def address_of(request: HttpRequest) -> str:
    """The caller's address; of IPv6 the network, since a single host commands 2^64 of them."""
    text = request.META.get("REMOTE_ADDR", "").partition("%")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), 64), strict=False).network_address)

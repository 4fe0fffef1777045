"""How often somebody may try: wrong passwords tightly, calls of the API generously."""

import ipaddress
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django_ratelimit.core import get_usage

from accounts.models import LONGEST_USERNAME, AuditEntry, User
from accounts.problems import TooManyRequests
from containermonkey.figures import counted

FAILURES_PER_NAME_AND_ADDRESS = "10/m"
FAILURES_PER_ADDRESS = "20/m"
# From all addresses together, so that many of them are no way around. It does not count where the
# owner has signed in before: strangers who try an owner's name must not lock the owner out.
FAILURES_PER_NAME = "60/m"
KNOWN_FOR = timedelta(days=90)
"""How long an address counts as the owner's after a sign-in."""

CALLS = "1200/m"
# Only who has the password comes this far. A million codes, three of them right at a time: guessing
# at this rate takes more than a year for even odds. Recovery codes go on being taken.
WRONG_CODES_PER_USER = "10/h"
WRONG_TOKENS_PER_ADDRESS = "60/m"
# Nothing is guessed there. Each asks the provider, and each that fails leaves a line.
ELSEWHERE_PER_ADDRESS = "30/m"

Counter = tuple[str, str, str]
"""What is counted, of whom, and how much of it is allowed in which time."""

POLLED = re.compile(r"/api/(backup-progress/.+|container/[^/]+/stats|statistics|system-stats)")
"""Addresses that pages and scripts ask again and again; they cost little and are not counted."""

# Two guesses at once would both be let in by the count of before. One at a time, the limit holds
# exactly, and guessing costs the machine one processor at most. Who has signed in from the same
# address before does not wait for those who have not, however many these are.
one_guess = threading.Lock()
one_known_guess = threading.Lock()


@contextmanager
def guess(request: HttpRequest, username: str) -> Iterator[Callable[[], None]]:
    """Lets one guess at a password be made and gives the function that counts it as a failure.

    Raise TooManyRequests when there were too many failures within the last minute.
    """
    known = is_known(request, username)
    counters = failure_counters(request, username, known=known)
    with one_known_guess if known else one_guess:
        yield counting(request, counters)


@contextmanager
def guess_code(request: HttpRequest, user: User, *, short: bool) -> Iterator[Callable[[], None]]:
    """The same for a code of a second factor; `short` are those that can be guessed at all."""
    counters = failure_counters(request, user.username, known=True)
    if short:
        counters.append(("codes", str(user.pk), WRONG_CODES_PER_USER))
    with one_known_guess:
        yield counting(request, counters)


def count_elsewhere(request: HttpRequest, step: str) -> None:
    """Count a step of a sign-in through the provider: `begun` or `returned`.

    Raise TooManyRequests when there were too many within the last minute. None waits for another,
    since a provider may be slow; and passwords are counted apart, so that they are a way in still.
    """
    counter = (f"elsewhere-{step}", address_of(request), ELSEWHERE_PER_ADDRESS)
    count_and_refuse(request, counter, "Too many sign-ins from this address")


def counting(request: HttpRequest, counters: list[Counter]) -> Callable[[], None]:
    """What counts a failure. Raise TooManyRequests where there were too many."""
    for counter in counters:
        usage = usage_of(request, counter)
        if usage["count"] >= usage["limit"]:
            raise too_many("Too many failed attempts", usage["time_left"])

    def count_failure() -> None:
        for counter in counters:
            usage_of(request, counter, increment=True)

    return count_failure


def is_known(request: HttpRequest, username: str) -> bool:
    """Whether somebody of this name has signed in from this address before; by the audit trail."""
    signed_in = AuditEntry.objects.filter(
        action="account.sign_in",
        username=username[:LONGEST_USERNAME],
        result=AuditEntry.Result.DONE,
        time__gt=timezone.now() - KNOWN_FOR,
    )
    address = address_of(request)
    from_where = signed_in.order_by().values_list("address", flat=True).distinct()
    return any(network_of(each) == address for each in from_where)


def failure_counters(request: HttpRequest, username: str, *, known: bool) -> list[Counter]:
    """Everything that a wrong password counts against.

    The address comes first: when it is used up, no counters are made for the names it tries.
    """
    address = address_of(request)
    name = username[:LONGEST_USERNAME].casefold().encode("utf-8", "replace").decode()
    counters = [
        ("failures-address", address, FAILURES_PER_ADDRESS),
        ("failures-both", f"{address} {name}", FAILURES_PER_NAME_AND_ADDRESS),
    ]
    return counters if known else [*counters, ("failures-name", name, FAILURES_PER_NAME)]


def count_call(request: HttpRequest) -> None:
    """Count a call of the API, per user or else per address.

    Raise TooManyRequests when there were too many within the last minute.
    """
    if POLLED.fullmatch(request.path):
        return
    caller = f"user {request.user.pk}" if request.user.pk else f"address {address_of(request)}"
    count_and_refuse(request, ("api", caller, CALLS), "Too many requests")


def count_wrong_token(request: HttpRequest) -> None:
    """Count an API token that is not valid. Raise TooManyRequests when there were too many.

    Nobody guesses 256 bits: this is about noise, and so those that are valid are still let in
    from the same address.
    """
    counter = ("tokens", address_of(request), WRONG_TOKENS_PER_ADDRESS)
    count_and_refuse(request, counter, "Too many API tokens that are not valid")


def count_and_refuse(request: HttpRequest, counter: Counter, what: str) -> None:
    usage = usage_of(request, counter, increment=True)
    if usage["should_limit"]:
        raise too_many(what, usage["time_left"])


def usage_of(request: HttpRequest, counter: Counter, *, increment: bool = False) -> dict[str, int]:
    group, value, rate = counter
    usage: dict[str, int] = get_usage(
        request, group=group, key=lambda *_: value, rate=rate, increment=increment
    )
    return usage


def too_many(what: str, seconds: int) -> TooManyRequests:
    seconds = max(1, seconds)
    return TooManyRequests(f"{what}. Try again in {counted(seconds, 'second')}.", seconds)


def address_of(request: HttpRequest) -> str:
    """The caller's address; of IPv6 the network, since a single host commands 2^64 of them."""
    return network_of(request.META.get("REMOTE_ADDR", ""))


def network_of(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), 64), strict=False).network_address)

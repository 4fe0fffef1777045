"""Signing in through the OIDC provider: the way there, and the way back into a session of ours."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from accounts import limits
from accounts.audit import audited, failures_audited
from accounts.oidc import people, provider
from accounts.oidc.problems import (
    NoProvider,
    NotBegun,
    NotSignedInThere,
    ProviderWrong,
    RefusedThere,
)
from accounts.services import begin_session
from containermonkey.oidc import Oidc

BEGUN = "oidc_begun"
COUNTS_FOR = 600
"""Seconds that somebody may take at the provider."""
AT_ONCE = 5
"""Sign-ins that a browser may have begun, as in several tabs; the newest count."""

REFUSALS = {"access_denied", "login_required", "consent_required", "interaction_required"}
"""What a provider says where it is about the person; all else is about us or about itself."""

ACT = "account.sign_in"


def wanted() -> Oidc:
    """The provider. Raise NoProvider where none is set."""
    if settings.OIDC is None:
        raise NoProvider
    oidc: Oidc = settings.OIDC
    return oidc


def begin(request: HttpRequest, target: str) -> str:
    """Begin a sign-in that leads to the page `target`. Give the provider's address for it.

    Raise NoProvider, ProviderAway, ProviderWrong or TooManyRequests.
    """
    oidc = wanted()
    return_address = request.build_absolute_uri(reverse("accounts:oidc_return"))
    limits.count_elsewhere(request, "begun")
    with led_back(target), failures_audited(ACT, "", provider=oidc.issuer):
        made = provider.way_in(oidc, return_address)
    remember(request.session, {**made, "return_address": return_address, "target": target})
    return made["url"]


def remember(session: SessionBase, made: dict[str, str]) -> None:
    """Keep what a sign-in is recognised by; `url` is the browser's."""
    kept = {key: value for key, value in made.items() if key != "url"}
    session[BEGUN] = [*session.get(BEGUN, []), {**kept, "at": time.time()}][-AT_ONCE:]


def take(session: SessionBase, state: str) -> dict[str, Any]:
    """What was kept of a sign-in, which is found once. Raise NotBegun."""
    kept = session.get(BEGUN, [])
    found = [each for each in kept if constant_time_compare(each["state"], state)]
    if not found:
        raise NotBegun
    session[BEGUN] = [each for each in kept if each not in found]
    try:
        session.save()  # Django keeps no change of a session where the answer is a 5xx
    except UpdateError:
        session.modified = False  # it has ended meanwhile, and is not to be saved again
        raise NotBegun from None
    if not 0 <= time.time() - found[0]["at"] < COUNTS_FOR:
        raise NotBegun
    return dict(found[0])


def finish(request: HttpRequest) -> str:
    """Sign in who comes back from the provider. Give the page to go to.

    Raise NoProvider, NotBegun, RefusedThere, ProviderAway, ProviderWrong, NoRole, SwitchedOff or
    TooManyRequests.
    """
    oidc = wanted()
    limits.count_elsewhere(request, "returned")
    with failures_audited(ACT, "", provider=oidc.issuer):
        begun = take(request.session, request.GET.get("state", ""))
    with led_back(begun["target"]):
        with failures_audited(ACT, "", provider=oidc.issuer):
            claims = claims_of(request, oidc, begun)
        user = people.admit(oidc, claims)
    with audited(ACT, user.username, provider=oidc.issuer):
        begin_session(request, user)
    return str(begun["target"])


@contextmanager
def led_back(target: str) -> Iterator[None]:
    """Have another attempt lead to the page that was asked for."""
    try:
        yield
    except NotSignedInThere as problem:
        problem.again += f"?{urlencode({'next': target})}"
        raise


def claims_of(request: HttpRequest, oidc: Oidc, begun: dict[str, Any]) -> dict[str, Any]:
    if "error" in request.GET:
        raise RefusedThere if request.GET["error"] in REFUSALS else ProviderWrong
    code = request.GET.get("code", "")
    if not code:
        raise ProviderWrong
    return provider.claims_for(oidc, code, begun)

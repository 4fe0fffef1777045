"""Whether what a page offers may be done by whoever sees it, and if not, why."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

from accounts.audit import current_actor
from accounts.gate import SEE, asked_for
from accounts.rights import EVERY_RIGHT, OWN, RIGHT_OF, Role, refusal, right_for, role_name


def address_of(target: str, arguments: Sequence[Any] = ()) -> str:
    """The address that a name stands for; what is an address or an act already stays."""
    if target in RIGHT_OF or target.startswith(("/", "?")) or not target:
        return target
    return reverse(target, args=arguments)


def link_to(address: str, act: str = "") -> dict[str, str]:
    """The attributes of a link to an address: of one that leads nowhere where that is refused."""
    if reason := why_not(act or address, "GET"):
        return {"role": "link", "tabindex": "0", "aria-disabled": "true", "title": reason}
    return {"href": address}


def why_not(target: str, method: str) -> str:
    """Why whoever is acting may not do what is behind an address, or an act; nothing if they may.

    An address tells by the view that answers there, so that no page has to know rights.
    """
    actor = current_actor()
    if actor.rights == EVERY_RIGHT:
        return ""
    act = target if target in RIGHT_OF else act_at(target, method)
    if act in OWN or right_for(act) in actor.rights:
        return ""
    # What is made for everybody who only looks, as the cards of jobs are, is made for no user.
    role = role_name(actor.user) if actor.user else Role.VIEWER.word
    return str(refusal(right_for(act), role))


def act_at(address: str, method: str) -> str:
    """The act that asking at an address is; just looking where nothing of ours is there."""
    try:
        match = resolve(address.partition("?")[0].partition("#")[0])
    except Resolver404:
        return SEE
    request = HttpRequest()
    request.method = method
    is_closed = getattr(match.func, "login_required", True)
    return asked_for(match.func, request, match) if is_closed else SEE

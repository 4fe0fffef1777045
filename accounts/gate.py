"""Lets nobody through to a page, a call of the API or a socket without the right it takes."""

from typing import Any

from django.http import HttpRequest
from django.urls import ResolverMatch
from ninja.operation import PathView

from accounts.audit import require

LOOKING = {"GET", "HEAD", "OPTIONS"}
SEE = "page.see"
ROWS = "audit.see"
"""Looking at Django's admin: its rows say who did what, and have the arguments of jobs in them."""

UNDECLARED = "account.manage"


def act_of(face: Any, method: str) -> str:
    """The name of the act that a face is; what does not say so takes an administrator to change."""
    declared = getattr(face, "needs_to_look" if method in LOOKING else "needs", "")
    return declared or (SEE if method in LOOKING else UNDECLARED)


def face_of(view: Any, request: HttpRequest) -> Any:
    """What answers a request: the view, or the function behind a call of the API.

    All methods of an address are one view to Django; which it will call, ninja tells nobody.
    """
    for cell in getattr(view, "__closure__", None) or ():
        if isinstance(cell.cell_contents, PathView):
            operation = cell.cell_contents._find_operation(request)
            return operation.view_func if operation else view
    return view


def asked_for(view: Any, request: HttpRequest, match: ResolverMatch | None) -> str:
    """The name of the act that asking at an address is."""
    act = act_of(face_of(view, request), request.method or "")
    return ROWS if match and "admin" in match.app_names and act == SEE else act


def pass_gate(request: HttpRequest, view: Any) -> None:
    """Raise NotAllowed for whoever lacks the right; an attempt to act leaves an audit line."""
    match = request.resolver_match
    act = asked_for(view, request, match)
    named = " ".join(str(value) for value in match.kwargs.values()) if match else ""
    require(act, None if request.method in LOOKING else named)

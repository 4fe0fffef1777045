"""Denies by default: who is not signed in, and who has to change the password first."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts.audit import Actor, acting
from accounts.services import change_due
from accounts.tokens.bearer import sign_in_by_token
from containermonkey.addresses import page_of

View = Callable[..., HttpResponseBase]

REACHABLE_WHILE_CHANGE_DUE = {"accounts:password", "accounts:sign_out", "set_theme"}


class SignInRequired(LoginRequiredMiddleware):
    """Sends everybody who is not signed in to the sign-in page.

    Views opt out by `login_not_required`. The JSON API answers for itself, in its own shape.
    """

    def process_view(
        self, request: HttpRequest, view: View, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if is_api(request):
            # An asynchronous view cannot ask the database who is asking: it is asked here.
            sign_in_by_token(request)
            _ = request.user.is_authenticated
            return None
        if super().process_view(request, view, args, kwargs) is None:
            return None
        query = urlencode({"next": page_of(request)})
        return send_to(request, f"{reverse('accounts:sign_in')}?{query}")


class ActorOfRequest:
    """Has the caller answer, in the audit trail, for what a request does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = request.META.get("REMOTE_ADDR", "")
        with acting(lambda: Actor.of(request.user, address, request.session)):
            return self.get_response(request)


class PasswordChangeRequired:
    """Sends a user whose password change is due to the page for it, whatever they ask for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        is_open = not getattr(view, "login_required", True)
        if is_open or is_api(request) or not change_due(request.user):
            return None
        match = request.resolver_match
        if match and match.view_name in REACHABLE_WHILE_CHANGE_DUE:
            return None
        return send_to(request, reverse("accounts:password"))


def is_api(request: HttpRequest) -> bool:
    """Whether the view is one of the JSON API, which has its own authentication."""
    match = request.resolver_match
    return match is not None and "ninja" in match.app_names


def send_to(request: HttpRequest, url: str) -> HttpResponse:
    """A redirect of the whole page, for htmx too, which would put the target into a fragment."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)

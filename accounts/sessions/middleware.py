"""Tells a session where it is used from, and when."""

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.sessions import services
from accounts.sessions.store import SessionStore


class SessionOrigin:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = cast(SessionStore, request.session)
        session.address = request.META.get("REMOTE_ADDR", "")
        session.agent = request.headers.get("User-Agent", "")
        response = self.get_response(request)
        # What no view has looked at is not read for this.
        if session.row:
            if isinstance(request.user, User) and not request.user.token:
                services.rotate_where_rights_changed(session, request.user)
            services.note_seen(session)
        return response

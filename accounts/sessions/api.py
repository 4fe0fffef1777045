"""One's own sessions as JSON."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.api_auth import SignedIn
from accounts.callers import caller
from accounts.rights import needs
from accounts.sessions import services
from containermonkey.schemas import Deleted

router = Router(tags=["Authentication"])


class SessionOut(Schema):
    """`is_this` is the session that asks; `last_seen_at` is up to a minute behind."""

    reference: UUID
    browser: str
    address: str
    begun_at: datetime
    last_seen_at: datetime
    is_this: bool


class SessionList(Schema):
    sessions: list[SessionOut]


class Ended(Schema):
    ended: int


@router.get("/sessions", response=SessionList)
@needs("session.see")
def sessions(request: HttpRequest) -> dict[str, Any]:
    """Where the caller is signed in."""
    return {"sessions": services.list_sessions(caller(request), request.session.session_key)}


@router.delete("/session/{reference}", response=Deleted, auth=SignedIn(by_token=False))
@needs("session.end")
def end(request: HttpRequest, reference: UUID) -> dict[str, Any]:
    """End one of the caller's own sessions; its sockets close within 5 seconds."""
    services.end_session(caller(request), reference)
    return {}


@router.post("/sessions/end-others", response=Ended, auth=SignedIn(by_token=False))
@needs("session.end")
def end_others(request: HttpRequest) -> Ended:
    """End all of the caller's sessions but the one that asks."""
    return Ended(ended=services.end_others(caller(request), request.session.session_key))

"""One's own API tokens as JSON."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from accounts.api_auth import SignedIn
from accounts.callers import caller
from accounts.models import ApiToken
from accounts.rights import Role, RoleWord, needs
from accounts.tokens import services
from accounts.tokens.services import LONGEST_LIFE, LONGEST_NAME
from containermonkey.problems import Invalid
from containermonkey.schemas import Deleted, Strict

router = Router(tags=["Authentication"])


class TokenOut(Schema):
    """`start` are the token's first characters. `last_used_at` is up to a minute behind."""

    id: int
    name: str
    role: RoleWord
    start: str
    created_at: datetime
    expires_at: datetime
    expired: bool
    last_used_at: datetime | None
    last_address: str | None

    @staticmethod
    def resolve_role(token: ApiToken) -> str:
        return token.role.lower()

    @staticmethod
    def resolve_expired(token: ApiToken) -> bool:
        return token.is_expired

    @staticmethod
    def resolve_last_address(token: ApiToken) -> str | None:
        return token.last_address or None


class TokenList(Schema):
    tokens: list[TokenOut]


class TokenMade(Schema):
    """`token` is what goes into `Authorization: Bearer …`; it is told this once."""

    token: str
    details: TokenOut


class TokenBody(Strict):
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    role: RoleWord
    expires_in_days: Annotated[int, Field(ge=1, le=LONGEST_LIFE.days)] | None = None
    expires_at: datetime | None = None


@router.get("/tokens", response=TokenList)
@needs("token.see")
def tokens(request: HttpRequest) -> dict[str, Any]:
    """The caller's own tokens, without what they are made of."""
    return {"tokens": services.list_tokens(caller(request))}


@router.post("/tokens", response={201: TokenMade}, auth=SignedIn(by_token=False))
@needs("token.create")
def make(request: HttpRequest, response: HttpResponse, body: TokenBody) -> Status:
    """Make a token, valid for `expires_in_days` or until `expires_at`, a year at most.

    It may never do more than its user may. Needs a session: a token makes no tokens.
    """
    expires_at = ending(body.expires_in_days, body.expires_at)
    role = Role.of(body.role)
    made = services.make_token(caller(request), body.name, role, expires_at)
    response["Cache-Control"] = "no-store"
    return Status(201, {"token": made.secret, "details": made.token})


@router.delete("/token/{id}", response=Deleted, auth=SignedIn(by_token=False))
@needs("token.delete")
def delete(request: HttpRequest, id: int) -> dict[str, Any]:
    """Delete one of the caller's own tokens; it is let in no more. Needs a session."""
    services.delete_token(caller(request), id)
    return {}


def ending(days: int | None, moment: datetime | None) -> datetime:
    if (days is None) == (moment is None):
        reason = "Give either expires_in_days or expires_at."
        raise Invalid(reason, fields={"expires_at": reason})
    if moment is None:
        return timezone.now() + timedelta(days=days or 0)
    return moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)

"""The audit trail as JSON, for administrators."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from accounts.rights import needs
from accounts.trail.asking import NAMES, Asked, Place
from accounts.trail.services import PAGE_SIZE, read_page

router = Router(tags=["Audit trail"])

MOST = 500

Words = Annotated[str, Field(max_length=300)]


class LineOut(Schema):
    """`user` is a name, which stays when the user is gone; empty where nobody was signed in."""

    id: int
    time: datetime
    user: str = Field(alias="username")
    address: str
    act: str = Field(alias="action")
    target: str
    result: str
    problem: str
    details: dict[str, Any]


class TrailOut(Schema):
    lines: list[LineOut]
    older: str | None = Field(description="To be sent as `before` for the next lines.")
    newer: str | None = Field(description="To be sent as `after` for those before these.")


class TrailQuery(Schema):
    user: Words = ""
    act: Words = ""
    target: Words = ""
    address: Words = ""
    result: Words = ""
    since: Words = ""
    until: Words = ""
    before: Words = ""
    after: Words = ""
    limit: int = Field(PAGE_SIZE, ge=1, le=MOST)


@router.get("/audit", response=TrailOut)
@needs("audit.see")
def audit(request: HttpRequest, asked: Query[TrailQuery]) -> dict[str, Any]:
    """Who did what, on what, from where, and what came of it; the newest first.

    `user`, `act`, `target` and `address` are whole, or a beginning and `*`: `container.*`; `-` is
    nobody. `result` is done or failed, `since` and `until` are times or ages such as `2h`. There
    may be more where `older` is given; only this many lines are read, however many there are.
    """
    words = {name: getattr(asked, name) for name in NAMES}
    page = read_page(
        Asked.of(words),
        before=Place.of(asked.before),
        after=Place.of(asked.after, "after"),
        size=asked.limit,
    )
    return {"lines": page.lines, "older": word(page.older), "newer": word(page.newer)}


def word(place: Place | None) -> str | None:
    return str(place) if place else None

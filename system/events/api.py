"""What happened on the Docker host, as JSON."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from system.events.services import Asked, list_events
from system.events.store import MOST

router = Router(tags=["System"])

DEFAULT = 1000


class EventOut(Schema):
    time: datetime
    type: str
    action: str
    actor_id: str
    name: str
    attributes: dict[str, str]


class EventList(Schema):
    events: list[EventOut]


@router.get("/events", response=EventList)
def events(
    request: HttpRequest,
    since: str = Query("", max_length=64),
    until: str = Query("", max_length=64),
    type: str = Query("", max_length=300),
    action: str = Query("", max_length=300),
    search: str = Query("", max_length=300),
    limit: int = Query(DEFAULT, ge=1, le=MOST),
) -> dict[str, Any]:
    """What happened on the Docker host, the newest first.

    The Engine keeps the last 256 events, and this program the last 5,000 that it heard while one
    of its pages was open. Times are ISO 8601, seconds since 1970, or an age such as `10m`. Left
    out are the runs of health checks and consoles, and the helpers of this program.
    """
    return {"events": list_events(Asked.of(search, type, action, since, until), limit)}

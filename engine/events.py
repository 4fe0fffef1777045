"""What happens on the Docker host, as the Engine tells it."""

import json
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from typing import Any

from engine import wire
from engine.client import Docker
from engine.times import NANOSECONDS

KEPT = 256
"""Events that the Engine keeps to be asked for afterwards."""


async def events(
    on_open: Callable[[], None], *, since: int | None = None, **filters: list[str]
) -> AsyncGenerator[dict[str, Any], None]:
    """The Engine's events from now on, as its JSON; `filters` such as `type=["container"]`.

    `since`, in nanoseconds since 1970, has it begin with those after that which it still has.
    `on_open` is called once nothing escapes any more: what is looked at before that may be old.
    Raise EngineUnreachable when the connection is lost. What happened meanwhile is lost with it,
    but for the last 256.
    """
    params = {"filters": json.dumps(filters)}
    if since is not None:
        params["since"] = written(since)
    async with wire.asked("GET", "/events", params=params) as answer:
        on_open()
        async for event in answer.documents():
            yield event


def past_events(docker: Docker, **filters: list[str]) -> tuple[list[dict[str, Any]], int]:
    """The events that the Engine still has, and its time now, in nanoseconds since 1970.

    `filters` are as for `events`. Asked by the Engine's own clock: up to a time that lies ahead of
    it the Engine would wait, and up to one behind it the newest would be missing.
    """
    now = nanoseconds(docker.info().get("SystemTime", ""))
    params = {"since": "1", "until": written(now), "filters": json.dumps(filters)}
    response = docker._get(docker._url("/events"), params=params)
    docker._raise_for_status(response)
    return [json.loads(line) for line in response.text.splitlines() if line.strip()], now


def written(moment: int) -> str:
    """Nanoseconds as the Engine reads times: seconds, and nine digits after the point."""
    return f"{moment // NANOSECONDS}.{moment % NANOSECONDS:09d}"


def nanoseconds(text: str) -> int:
    """The Engine's RFC 3339 in nanoseconds; by our own clock where it does not say it."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        when = datetime.now(UTC)
    seconds = int(when.timestamp())
    # fromisoformat leaves out what is smaller than a microsecond: an event may be between.
    return seconds * NANOSECONDS + (when.microsecond + 1) * 1000

"""What happens on the Docker host, as the Engine tells it."""

import json
from collections.abc import AsyncGenerator
from typing import Any

from engine import wire


async def events(**filters: list[str]) -> AsyncGenerator[dict[str, Any], None]:
    """The Engine's events from now on, as its JSON; `filters` such as `type=["container"]`.

    Raise EngineUnreachable when the connection is lost. What happened meanwhile is lost with it:
    the Engine keeps 256 events, and who wants to be sure looks at everything anew.
    """
    params = {"filters": json.dumps(filters)}
    async with wire.asked("GET", "/events", params=params) as answer:
        async for event in answer.documents():
            yield event

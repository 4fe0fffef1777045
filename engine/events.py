"""What happens on the Docker host, as the Engine tells it."""

import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

from engine import wire


async def events(
    on_open: Callable[[], None], **filters: list[str]
) -> AsyncGenerator[dict[str, Any], None]:
    """The Engine's events from now on, as its JSON; `filters` such as `type=["container"]`.

    `on_open` is called once nothing escapes any more: what is looked at before that may be old.
    Raise EngineUnreachable when the connection is lost. What happened meanwhile is lost with it:
    the Engine keeps 256 events, and who wants to be sure looks at everything anew.
    """
    params = {"filters": json.dumps(filters)}
    async with wire.asked("GET", "/events", params=params) as answer:
        on_open()
        async for event in answer.documents():
            yield event

"""The counters of many containers, read at once.

`one-shot` answers without the second that the Engine otherwise waits for another look, and leaves
nothing open: a stream held for each container costs it a third of a core for a hundred of them.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from containermonkey.problems import Problem
from engine.wire import ask

AT_ONCE = 100
"""Calls that are on their way at a time. An Engine 20.10 answers each only after up to a second,
however few they are: fewer at a time cost it as much and come later."""

ONE_SHOT = {"stream": "false", "one-shot": "true"}


async def counters(container_ids: Iterable[str], seconds: float) -> dict[str, dict[str, Any]]:
    """What the Engine answers at `/containers/<id>/stats`, by id.

    A container that is gone or does not answer within `seconds` is not among them: while the
    Engine streams one's files, it says nothing of it.
    """
    found: dict[str, dict[str, Any]] = {}
    free = asyncio.Semaphore(AT_ONCE)

    async def read(container_id: str) -> None:
        async with free:
            try:
                answer = await ask("GET", f"/containers/{container_id}/stats", params=ONE_SHOT)
            except Problem:
                return
            found[container_id] = answer

    tasks = [asyncio.create_task(read(each)) for each in container_ids]
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
    return found

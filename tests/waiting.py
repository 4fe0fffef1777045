"""Waiting for a condition instead of sleeping."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(
    condition: Callable[[], T], what: str, timeout: float = 60, log: Callable[[], str] = str
) -> T:
    """Ask until the answer is true and return it.

    Fail with `what` after `timeout` seconds, and with what `log` says then.
    """
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {timeout:.0f} seconds for {what}.{log()}")
        time.sleep(0.02)
    return answer

"""What the Engine needs long to count: beside the pages, and remembered for a while.

It walks its whole disk for that, which may take minutes. So nobody waits who did not ask to, and
there is one such walk of a kind in a process at a time, which all share.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.cache import cache

from containermonkey.problems import EngineRefused, Problem
from engine.client import Docker, current_url, engine

logger = logging.getLogger(__name__)

T = TypeVar("T")

KEPT_SECONDS = 600
FAILURE_SECONDS = 60

BRIEFLY = 0.2
"""Seconds that a page waits for a count: on a host that holds little it comes with the page."""


@dataclass(frozen=True)
class Standing(Generic[T]):
    """What is known of a count at this moment; `failure` is why it failed just now."""

    known: T | None
    goes_on: bool
    failure: str


class Walk(Generic[T]):
    """One count of the Engine, in a thread of its own; remembered by its `key`."""

    def __init__(self, key: str, what: str, count: Callable[[Docker], T]) -> None:
        self.key, self.what, self.count = key, what, count
        self.thread = threading.Thread(target=self._walk, name=key, daemon=True)
        self.counted: T | None = None
        self.problem: Problem | None = None

    @property
    def goes_on(self) -> bool:
        return self.thread.is_alive()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for its end, or no longer than so many seconds."""
        self.thread.join(seconds)

    def result(self) -> T:
        """Wait for what was counted. Raise the Problem that the Engine met."""
        self.wait()
        if self.counted is None:
            raise self.problem or self._untold()
        return self.counted

    def _walk(self) -> None:
        try:
            with engine() as docker:
                self.counted = self.count(docker)
            cache.set(self.key, self.counted, KEPT_SECONDS)
            cache.delete(failure_of(self.key))
        except Problem as problem:
            self._failed(problem)
        except Exception:  # nobody would hear of it, and pages would go on waiting for the count
            logger.exception("The Engine's count of %s could not be read", self.what)
            self._failed(self._untold())

    def _failed(self, problem: Problem) -> None:
        self.problem = problem
        cache.set(failure_of(self.key), str(problem), FAILURE_SECONDS)

    def _untold(self) -> EngineRefused:
        return EngineRefused(f"The Docker Engine could not tell {self.what}.")


class Counter(Generic[T]):
    """Has the Engine count one thing.

    It is remembered by its `name` and the Engine's address; `what` is what people call it, as in
    `the sizes`.
    """

    def __init__(self, name: str, what: str, count: Callable[[Docker], T]) -> None:
        self.name, self.what, self.count = name, what, count
        self._lock = threading.Lock()
        self._last: Walk[T] | None = None

    @property
    def key(self) -> str:
        return f"{self.name}:{current_url()}"

    def begin(self) -> Walk[T]:
        """Have the Engine count, and wait for nothing; the count that goes on, if there is one."""
        with self._lock:
            walk = self._current()
            if walk is None or not walk.goes_on:
                walk = self._last = Walk(self.key, self.what, self.count)
                walk.thread.start()
            return walk

    def ask(self) -> None:
        """Have the Engine count, unless what it counted lately is still remembered."""
        if self.remembered() is None:
            self.begin().wait(BRIEFLY)

    def remembered(self) -> T | None:
        """What was counted in the last minutes, by whomever; None where nobody asked."""
        return cache.get(self.key)

    def standing(self) -> Standing[T]:
        """How the count stands, without asking the Engine anything."""
        # In this order: a walk that ends in between is remembered by then.
        walk = self._current()
        goes_on = walk is not None and walk.goes_on
        failure = "" if goes_on else cache.get(failure_of(self.key), "")
        return Standing(self.remembered(), goes_on, failure)

    def _current(self) -> Walk[T] | None:
        """The last count, unless it was of another Engine."""
        return self._last if self._last is not None and self._last.key == self.key else None


def failure_of(key: str) -> str:
    return f"{key}.failure"

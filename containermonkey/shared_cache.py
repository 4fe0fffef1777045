"""What several web processes count and remember together in Redis, and what to do without it."""

import logging
import time
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

OWN = "own"
"""The name that a process's own memory has among the caches of the settings."""

ASKED_AGAIN = 5.0
"""Seconds for which Redis is not asked after it has failed, so that not every page waits for it."""


class Outage:
    """Whether Redis is away, for all threads of a process; each has a cache of its own."""

    def __init__(self) -> None:
        self._until = 0.0

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self._until

    def begin(self, error: RedisError) -> None:
        if not self._until:
            logger.warning(
                "REDIS_URL: Redis does not answer (%s). Until it does, each web process counts "
                "attempts to sign in and calls by itself.",
                type(error).__name__,
            )
        self._until = time.monotonic() + ASKED_AGAIN

    def end(self) -> None:
        if self._until:
            self._until = 0.0
            logger.warning("REDIS_URL: Redis answers again.")


outage = Outage()


class SharedCache(RedisCache):
    """Redis; while it is away, this process's own memory. So limits hold in any case, if only for
    each process by itself."""

    def add(self, *arguments: Any, **options: Any) -> bool:
        return self._either("add", *arguments, **options)

    def get(self, *arguments: Any, **options: Any) -> Any:
        return self._either("get", *arguments, **options)

    def set(self, *arguments: Any, **options: Any) -> None:
        self._either("set", *arguments, **options)

    def touch(self, *arguments: Any, **options: Any) -> bool:
        return self._either("touch", *arguments, **options)

    def delete(self, *arguments: Any, **options: Any) -> bool:
        return self._either("delete", *arguments, **options)

    def has_key(self, *arguments: Any, **options: Any) -> bool:
        return self._either("has_key", *arguments, **options)

    def incr(self, *arguments: Any, **options: Any) -> int:
        return self._either("incr", *arguments, **options)

    def get_many(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        return self._either("get_many", *arguments, **options)

    def set_many(self, *arguments: Any, **options: Any) -> list[str]:
        return self._either("set_many", *arguments, **options)

    def delete_many(self, *arguments: Any, **options: Any) -> None:
        self._either("delete_many", *arguments, **options)

    def clear(self) -> None:
        self._either("clear")

    def ask(self) -> None:
        """Have Redis keep something and give it back. Raise RedisError where it cannot be had,
        ValueError where it gives something else."""
        super().set("check-environment", "1", 10)
        if super().get("check-environment") != "1":
            raise ValueError
        outage.end()

    def _either(self, name: str, *arguments: Any, **options: Any) -> Any:
        if not outage.goes_on:
            try:
                answer = getattr(super(), name)(*arguments, **options)
            except RedisError as error:
                outage.begin(error)
            else:
                outage.end()
                return answer
        return getattr(caches[OWN], name)(*arguments, **options)

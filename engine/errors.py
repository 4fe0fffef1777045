"""What the Engine can answer instead of what was asked, as sentences for people."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import requests.exceptions
import urllib3.exceptions
from docker.errors import APIError, DockerException

from containermonkey.problems import (
    Conflict,
    EngineRefused,
    EngineUnreachable,
    Invalid,
    NoSpace,
    NotFound,
    Problem,
)
from engine import contact
from engine.patience import PATIENCE, patience

__all__ = [
    "Conflict",
    "EngineRefused",
    "EngineUnreachable",
    "Invalid",
    "NoSpace",
    "NotFound",
    "translated",
]

BY_STATUS: dict[int, type[Problem]] = {400: Invalid, 404: NotFound, 409: Conflict}

BY_WORDS: dict[str, type[Problem]] = {
    "multiple ids found with provided prefix": Invalid,
    "port is already allocated": Conflict,
    "address already in use": Conflict,
    "pool overlaps with other one": Conflict,
    "could not find an available, non-overlapping": Conflict,
    "has active endpoints": Conflict,
    "already exists in network": Conflict,
    "is not connected to": Conflict,
}
"""What the Engine answers with another status although the fault is not its own."""


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn every failure of docker-py and of the libraries under it into one of ours.

    They have no common base: an answer of the Engine is a docker error, a lost connection is an
    error of requests, or of urllib3 when it is lost in the middle of a body.
    """
    try:
        yield
    except APIError as error:
        raise of_answer(error) from error
    except requests.exceptions.Timeout as error:
        raise silent(url) from error
    except (
        requests.exceptions.RequestException,
        urllib3.exceptions.HTTPError,
        DockerException,
    ) as error:
        raise unreachable(url, error) from error


def unreachable(url: str, error: BaseException) -> EngineUnreachable:
    """The sentence for an Engine that cannot be reached, with the reason where there is one."""
    reason = innermost_reason(error)
    why = f": {reason}" if reason else ""
    return lost(url, f"The Docker Engine{contact.place_of(url)} cannot be reached{why}.")


def silent(url: str) -> EngineUnreachable:
    """The same where a call ran out of time. An Engine that answered others meanwhile is slow."""
    words = f"The Docker Engine{contact.place_of(url)} did not answer in time."
    if contact.answered_within(url, min(patience(), PATIENCE)):
        return EngineUnreachable(words)
    return lost(url, words)


def lost(url: str, words: str) -> EngineUnreachable:
    """The problem of an Engine that does not answer, which is noted on the way."""
    contact.lost(url, words)
    return EngineUnreachable(words)


def of_answer(error: APIError) -> Problem:
    """The problem that an error answer of the Engine stands for."""
    return of_status(error.status_code or 500, error.explanation or str(error))


def of_status(status: int, words: str) -> Problem:
    """The problem that an error status with the Engine's words stands for."""
    message = sentence(words)
    if "no space left on device" in message.lower():
        return NoSpace(f"The Docker host has no space left: {message}")
    for known, problem in BY_WORDS.items():
        if known in message.lower():
            return problem(message)
    return BY_STATUS.get(status, EngineRefused)(message)


def sentence(message: str) -> str:
    """The Engine's words with a capital letter and a full stop."""
    message = re.sub(r"^Error response from daemon: ", "", message).strip()
    if not message:
        return "The Docker Engine answered with an error and did not say why."
    message = message[0].upper() + message[1:]
    return message if message[-1] in ".!?" else f"{message}."


def innermost_reason(error: BaseException) -> str:
    """The operating system's words for why a connection failed, from the depth of the wrappers."""
    seen: set[int] = set()
    queue: list[object] = [error]
    while queue:
        item = queue.pop(0)
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, OSError) and item.strerror:
            return item.strerror
        queue += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
    return ""

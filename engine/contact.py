"""When each Engine answered last, and whether it was lost since, as this process has seen it."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

RECENT_SECONDS = 15.0
"""After these, that an Engine did not answer says nothing about now."""


@dataclass(frozen=True)
class Loss:
    """Why an Engine could not be reached, and when by the clock that only goes on."""

    words: str
    at: float

    @property
    def age(self) -> float:
        """Seconds since then."""
        return time.monotonic() - self.at


def place_of(url: str) -> str:
    """Where the Engine at `url` is, as a sentence about it goes on; nothing for a socket.

    The path of one is of this machine, which is for the check of the environment to tell; and
    somebody's name and password may stand before a host.
    """
    place = urlsplit(url)
    host = place.netloc.rpartition("@")[2]
    return f" at {place.scheme}://{host}" if host else ""


_answers: dict[str, tuple[datetime, float]] = {}
_losses: dict[str, Loss] = {}


def answered(url: str) -> None:
    """Note that the Engine at `url` has just answered something, be it with an error."""
    _answers[url] = datetime.now(UTC), time.monotonic()
    _losses.pop(url, None)


def lost(url: str, words: str) -> None:
    """Note that the Engine at `url` has just not answered, with the sentence for people."""
    _losses[url] = Loss(words, time.monotonic())


def last_answer(url: str) -> datetime | None:
    """When it answered last; None where it never did."""
    return _answers[url][0] if url in _answers else None


def answered_within(url: str, seconds: float) -> bool:
    """Whether it answered so lately, and was not lost since."""
    return url in _answers and url not in _losses and time.monotonic() - _answers[url][1] < seconds


def loss(url: str) -> Loss | None:
    """Why it was not reached just now; None where it was, or nobody has asked for a while."""
    found = _losses.get(url)
    return found if found and found.age < RECENT_SECONDS else None


def forget() -> None:
    """Know nothing of any Engine."""
    _answers.clear()
    _losses.clear()

"""What the frame of every page says while the Engine does not answer, and when it does again."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest

from containermonkey.addresses import page_of
from containermonkey.problems import Problem
from engine import contact, refuse_unreachable
from engine.client import current_url

FRESH_SECONDS = 5.0
"""What the Engine answered or did not answer in these serves everybody who asks whether it does."""


@dataclass(frozen=True)
class EngineState:
    """Whether the Engine is away, in whose words, and from when on what is shown may be old.

    `page` is the address of the page that says it.
    """

    problem: str
    since: datetime | None
    page: str

    @property
    def away(self) -> bool:
        return bool(self.problem)


def known_state(request: HttpRequest) -> EngineState:
    """How the Engine is, as far as is known without asking it."""
    url = current_url()
    loss = contact.loss(url)
    return EngineState(loss.words if loss else "", contact.last_answer(url), page_of(request))


def asked_state(request: HttpRequest) -> EngineState:
    """The same, of now or of a few seconds ago."""
    url = current_url()
    loss = contact.loss(url)
    is_known = loss.age < FRESH_SECONDS if loss else contact.answered_within(url, FRESH_SECONDS)
    if not is_known:
        with suppress(Problem):  # what is to be known of it is noted where it is met
            refuse_unreachable()
    return known_state(request)


def moment(seconds: str) -> datetime | None:
    """A moment from seconds since 1970; None where they are none."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None

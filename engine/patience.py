"""How long an answer of the Engine is waited for."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

TIMEOUT = 60.0
"""Seconds that the Engine may stay silent before a call counts as lost."""

PATIENCE = 5.0
"""The same for what is only asked while somebody waits for a page."""

_patience: ContextVar[float] = ContextVar("patience", default=TIMEOUT)


@contextmanager
def patient_for(seconds: float) -> Iterator[None]:
    """Have the Engine answer what this block asks within so many seconds, or count as lost.

    It is about what is asked (GET) alone. Calls with a time of their own keep it.
    """
    before = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(before)


def patience() -> float:
    """Seconds for which an answer is waited for here."""
    return _patience.get()

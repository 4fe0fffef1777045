"""What the socket that every page holds is fed from. Each app adds what it has to tell."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from jobs.mailbox import Mailbox

Source = Callable[[Mailbox], AbstractContextManager[None]]
"""Fills a mailbox while the block lasts."""

_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Have a source fill the mailbox of every page that is open."""
    _sources.append(source)


def sources() -> list[Source]:
    return list(_sources)

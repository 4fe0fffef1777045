"""The audit trail: who did what, on what, from where, and what came of it.

Who is asking is found out where a request, a socket, a job or a command begins, and is known from
there on to everything that is called, in whichever thread. Values of the environment, passwords
and what is typed into a console never go into the trail.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import DatabaseError

from accounts.models import AuditEntry, User
from containermonkey.problems import Problem

logger = logging.getLogger(__name__)

COMMAND_LINE = "command line"


@dataclass(frozen=True)
class Actor:
    """Somebody who does something; `username` says what it is where it is no user of ours."""

    user: User | None = None
    username: str = COMMAND_LINE
    address: str = ""

    @classmethod
    def of(cls, user: AbstractBaseUser | AnonymousUser | None, address: str = "") -> "Actor":
        known = user if isinstance(user, User) else None
        return cls(known, known.username if known else "", address)


_who: ContextVar[Callable[[], Actor]] = ContextVar("who", default=Actor)


def current_actor() -> Actor:
    """Who is doing what is being done."""
    return _who.get()()


@contextmanager
def acting(who: Callable[[], Actor]) -> Iterator[None]:
    """Have `who` answer for everything that is done inside the block.

    It is asked only when something is written down: finding a user costs a query.
    """
    token = _who.set(who)
    try:
        yield
    finally:
        _who.reset(token)


@contextmanager
def audited(action: str, target: str, **details: Any) -> Iterator[dict[str, Any]]:
    """Write down an act when it is over: done, or why it was not.

    `action` is a stable name such as `container.start`. More details may be put into what the
    block is given.
    """
    try:
        yield details
    except Problem as problem:
        record(action, target, problem=str(problem), **details)
        raise
    except BaseException:
        record(action, target, problem="It ended with an unexpected error.", **details)
        raise
    record(action, target, **details)


def record(action: str, target: str, *, problem: str = "", **details: Any) -> None:
    """Write one line. A failure to write goes to the log: what was done remains done."""
    actor = current_actor()
    result = AuditEntry.Result.FAILED if problem else AuditEntry.Result.DONE
    try:
        AuditEntry.objects.create(
            user=actor.user,
            username=actor.username[:150],
            address=actor.address[:64],
            action=action,
            target=target[:255],
            result=result,
            problem=problem,
            details=details,
        )
    except DatabaseError:
        logger.exception("Not written to the audit trail: %s %s, %s", action, target[:255], result)

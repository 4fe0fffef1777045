"""The audit trail: who did what, on what, from where, and what came of it.

Who is asking is found out where a request, a socket, a job or a command begins, and is known from
there on to everything that is called, in whichever thread. Values of the environment, passwords
and what is typed into a console never go into the trail.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.base import SessionBase

from accounts.models import AuditEntry, Right, SecondFactor, User
from accounts.problems import FreshCodeNeeded
from accounts.rights import (
    EVERY_RIGHT,
    FAR_REACHING,
    OWN,
    refusal,
    right_for,
    rights_of,
    role_name,
)
from containermonkey.database import FAILURES
from containermonkey.problems import Problem
from containermonkey.storable import fitted

logger = logging.getLogger(__name__)

COMMAND_LINE = "command line"
CODE_AT = "code_at"
"""Where a session keeps when a code of a second factor was last given in it."""


@dataclass(frozen=True)
class Actor:
    """Somebody who does something; `username` says what it is where it is no user of ours.

    `token` is the name of the API token that they do it by; empty by a session. `code_at` is when
    they last gave a code of a second factor, in seconds; None where that is not asked for.

    Commands, jobs and schedules may do everything: who asked for them was asked for the right.
    """

    user: User | None = None
    username: str = COMMAND_LINE
    address: str = ""
    rights: frozenset[Right] = EVERY_RIGHT
    token: str = ""
    code_at: float | None = None

    @classmethod
    def of(
        cls,
        user: AbstractBaseUser | AnonymousUser | None,
        address: str = "",
        session: SessionBase | None = None,
    ) -> "Actor":
        known = user if isinstance(user, User) else None
        token = known.token.name if known and known.token else ""
        # A token is what programs have, and those have no telephone.
        code_at = None if session is None or token else session.get(CODE_AT, 0.0)
        username = known.username if known else ""
        return cls(known, username, address, rights_of(known), token, code_at)


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


def require(act: str, target: str | None = None) -> None:
    """Raise NotAllowed unless who is acting has the right that the act takes.

    With a `target` it is an attempt to act, and leaves a line where it is refused.
    """
    if act in OWN:
        return
    actor, right = current_actor(), right_for(act)
    if right not in actor.rights:
        problem = refusal(right, role_name(actor.user) if actor.user else "nobody")
        if target is not None:
            record(act, target, problem=str(problem))
        raise problem
    if is_stale(act, actor):
        raise FreshCodeNeeded


def is_stale(act: str, actor: Actor) -> bool:
    """Whether somebody with a second factor has to give a code again before they do this."""
    if not settings.FRESH_CODE or act not in FAR_REACHING or actor.code_at is None:
        return False
    is_old = time.time() - actor.code_at > settings.FRESH_CODE
    return is_old and SecondFactor.objects.filter(user=actor.user).exists()


@contextmanager
def audited(action: str, target: str, **details: Any) -> Iterator[dict[str, Any]]:
    """Write down an act when it is over: done, or why it was not. Ask for the right before it.

    `action` is a stable name such as `container.start`. More details may be put into what the
    block is given. Raise NotAllowed for those who lack the right.
    """
    try:
        require(action)
        yield details
    except Problem as problem:
        record(action, target, problem=str(problem), **details)
        raise
    except BaseException:
        record(action, target, problem="It ended with an unexpected error.", **details)
        raise
    record(action, target, **details)


@contextmanager
def failures_audited(action: str, target: str, **details: Any) -> Iterator[None]:
    """Write down why something did not come to be; that it did is another's to say."""
    try:
        yield
    except Problem as problem:
        record(action, target, problem=str(problem), **details)
        raise


def record(action: str, target: str, *, problem: str = "", **details: Any) -> None:
    """Write one line. A failure to write goes to the log: what was done remains done."""
    actor = current_actor()
    if actor.token:
        details["token"] = actor.token
    result = AuditEntry.Result.FAILED if problem else AuditEntry.Result.DONE
    try:
        entry = AuditEntry(
            user=actor.user,
            username=actor.username,
            address=actor.address,
            action=action,
            target=target,
            result=result,
            problem=problem,
            details=details,
        )
        fitted(entry).save()
    except FAILURES:
        logger.exception("Not written to the audit trail: %s %s, %s", action, target[:255], result)

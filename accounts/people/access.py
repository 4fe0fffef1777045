"""Taking back what lets somebody in: sessions, API tokens, a second factor that was lost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.people.services import find_user, refuse_above, refuse_oneself
from accounts.second_factor import services as second_factor
from accounts.sessions import services as sessions
from accounts.tokens import services as tokens
from containermonkey.problems import NotFound

WHY = "by an administrator"


@dataclass(frozen=True)
class Kind:
    """A kind of access; `question` and `done` take the user's name."""

    label: str
    question: str
    done: str
    lost: str
    take: Callable[[User, str], Any]


KINDS = {
    "sessions": Kind(
        label="Sign out everywhere",
        question="Sign {name} out everywhere?",
        done="{name} is signed out everywhere.",
        lost="Every session, with the pages, consoles and logs that are open there",
        take=sessions.end_all,
    ),
    "tokens": Kind(
        label="Delete the API tokens",
        question="Delete all API tokens of {name}?",
        done="All API tokens of {name} are deleted.",
        lost="Every token; scripts that use one are refused at once",
        take=tokens.delete_tokens,
    ),
    "second-factor": Kind(
        label="Take the second factor away",
        question="Take the second factor of {name} away?",
        done="{name} signs in without a code now.",
        lost="The authenticator app, the recovery codes and every session",
        take=second_factor.reset,
    ),
}


@dataclass(frozen=True)
class Access:
    """How many ways in somebody has now."""

    sessions: int
    tokens: int
    second_factor: bool


def access_of(key: int) -> Access:
    user = find_user(key)
    return Access(
        sessions=sessions.alive(user).count(),
        tokens=tokens.count_valid(user),
        second_factor=second_factor.is_on(user),
    )


def kind_of(name: str) -> Kind:
    """Raise NotFound for what is no kind of access."""
    if name not in KINDS:
        raise NotFound(f"That is no kind of access: {', '.join(KINDS)}.")
    return KINDS[name]


def take_back(key: int, name: str) -> User:
    """Take all of one kind of access from a user. It is no error where there is none.

    Raise NotFound, Conflict for oneself, or NotAllowed for somebody who may do more.
    """
    kind, user = kind_of(name), find_user(key)
    refuse_oneself(user, "takes their own access away here")
    refuse_above(user)
    kind.take(user, WHY)
    return user

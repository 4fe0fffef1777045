"""Sessions: listed and ended by those who are signed in by them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.audit import audited, require
from accounts.models import Session, User
from accounts.rights import rights_of
from accounts.sessions.agents import words_of
from containermonkey.database import in_passing
from containermonkey.problems import NotFound

if TYPE_CHECKING:
    from accounts.sessions.store import SessionStore

RIGHTS = "rights"
SEEN_NOTED_AFTER = timedelta(minutes=1)
JUST_NOW = timedelta(minutes=10)


@dataclass(frozen=True)
class SessionSeen:
    """A session as people see it; `is_this` is the one that they ask by.

    `browser` says in words what it is; `last_seen_at` is up to a minute behind.
    """

    reference: UUID
    browser: str
    address: str
    begun_at: datetime
    last_seen_at: datetime
    is_this: bool


def list_sessions(user: User, current: str | None) -> list[SessionSeen]:
    """Those of a user's sessions that are let in: `current` is the key of the caller's, first."""
    expected = user.get_session_auth_hash()
    rows = [row for row in alive(user) if is_signed(row, expected)]
    rows.sort(key=lambda row: row.session_key != current)
    return [
        SessionSeen(
            row.reference,
            words_of(row.agent),
            row.address,
            row.begun_at,
            row.last_seen_at,
            row.session_key == current,
        )
        for row in rows
    ]


def alive(user: User) -> QuerySet[Session]:
    return Session.objects.filter(user=user).exclude(ended())


def ended() -> Q:
    now = timezone.now()
    idle = timedelta(seconds=settings.SESSION_IDLE)
    return Q(expire_date__lte=now) | Q(last_seen_at__lte=now - idle)


def is_signed(row: Session, expected: str) -> bool:
    """Whether a session was begun with the password that the user still has."""
    return constant_time_compare(row.get_decoded().get(HASH_SESSION_KEY, ""), expected)


def end_session(user: User, reference: UUID) -> None:
    """End a user's own session; its pages and sockets are over at once, or within 5 seconds.

    Raise NotFound for any other, whoever asks.
    """
    row = Session.objects.filter(user=user, reference=reference).first()
    if row is None:
        raise NotFound("You have no such session any more.")
    with audited("session.end", words_of(row.agent), address=row.address):
        row.delete()


def end_others(user: User, current: str | None) -> int:
    """End all of a user's sessions but the one with the key `current`. Give their number."""
    with audited("session.end", f"all others of {user.username}") as details:
        details["ended"] = drop(user, but=current)
    return int(details["ended"])


def end_all(user: User, why: str) -> int:
    """End all sessions of a user, as an administrator does for somebody. Give their number."""
    require("account.manage")
    with audited("session.end", f"all of {user.username}", why=why) as details:
        details["ended"] = drop(user)
    return int(details["ended"])


def drop(user: User, but: str | None = None) -> int:
    """End a user's sessions, as a part of something that is written down already."""
    return Session.objects.filter(user=user).exclude(pk=but or "").delete()[0]


def forget_ended() -> None:
    """Remove what is over anyway from the database."""
    Session.objects.filter(ended()).delete()


def begun_just_now(session: SessionBase) -> bool:
    """Whether somebody signed in by a session within the last ten minutes."""
    since = timezone.now() - JUST_NOW
    return Session.objects.filter(pk=session.session_key, begun_at__gt=since).exists()


def note_seen(session: "SessionStore") -> None:
    """Write down that a session was used, and from where; at most once a minute."""
    row, now = session.row, timezone.now()
    if not row or row.user_id is None or row.last_seen_at > now - SEEN_NOTED_AFTER:
        return
    row.last_seen_at, row.address, row.agent = now, session.address[:64], session.agent[:255]
    with in_passing():
        Session.objects.filter(pk=row.pk).update(
            last_seen_at=row.last_seen_at, address=row.address, agent=row.agent
        )


def remember_rights(session: SessionBase, user: User) -> None:
    session[RIGHTS] = sorted(rights_of(user))


def rotate_where_rights_changed(session: "SessionStore", user: User) -> None:
    """Give a session another key once its user's rights are others than at its beginning.

    A key that somebody has learned when it opened little must not open much.
    """
    before = session.get(RIGHTS)
    if before is not None and before != sorted(rights_of(user)) and session.rotate():
        remember_rights(session, user)

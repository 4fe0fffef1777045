"""API tokens: made, listed and deleted by those whom they stand for, and taken for them."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.audit import audited, require
from accounts.models import ApiToken, User
from accounts.problems import WrongToken
from accounts.rights import RIGHTS_OF, Role, limit_rights, rights_of
from accounts.services import is_storable
from containermonkey.database import in_passing
from containermonkey.problems import Conflict, Invalid, NotFound

PREFIX = "cm_"
"""Tells people and programs that look for leaked secrets what they have found."""

SHAPE = re.compile(PREFIX + "[0-9a-f]{64}")
SHOWN = len(PREFIX) + 4
LONGEST_NAME = 100
LONGEST_LIFE = timedelta(days=366)
"""No token is valid for ever: one that was forgotten somewhere ends by itself."""

MOST = 50
"""Tokens of one user at a time."""

USE_NOTED_AFTER = timedelta(minutes=1)
"""How much newer a use has to be than the last one that was written down."""


@dataclass(frozen=True)
class NewToken:
    """A token just made. `secret` is known now and never again; `repr` keeps it to itself."""

    token: ApiToken
    secret: str = field(repr=False)


def list_tokens(user: User) -> QuerySet[ApiToken]:
    """A user's own tokens, the newest first; those that have expired too."""
    return ApiToken.objects.filter(user=user)


def count_valid(user: User) -> int:
    """How many of a user's tokens are let in."""
    return list_tokens(user).filter(expires_at__gt=timezone.now()).count()


def find_token(user: User, key: int) -> ApiToken:
    """A user's own token. Raise NotFound for any other, whoever asks."""
    try:
        return list_tokens(user).get(pk=key)
    except (ApiToken.DoesNotExist, OverflowError):
        raise NotFound("You have no such API token.") from None


def roles_for(user: User) -> list[Role]:
    """The roles that a user's tokens may have: those of which the user has every right."""
    return [role for role in Role if RIGHTS_OF[role] <= rights_of(user)]


def make_token(user: User, name: str, role: Role, expires_at: datetime) -> NewToken:
    """Make a token that may do what its role may, and never more than its user.

    Raise Invalid with the fields at fault, or Conflict where there is one of that name.
    """
    name = name.strip()
    refuse_faults(user, name, role, expires_at)
    with audited("token.create", name, role=role.value, expires_at=expires_at.isoformat()):
        secret = PREFIX + secrets.token_hex(32)
        try:
            with transaction.atomic():
                token = ApiToken.objects.create(
                    user=user,
                    name=name,
                    role=role.value,
                    digest=digest_of(secret),
                    start=secret[:SHOWN],
                    expires_at=expires_at,
                )
        except IntegrityError:
            reason = f"You have a token named {name} already."
            raise Conflict(reason, fields={"name": reason}) from None
    return NewToken(token, secret)


def refuse_faults(user: User, name: str, role: Role, expires_at: datetime) -> None:
    left = expires_at - timezone.now()
    fields = {}
    if not 1 <= len(name) <= LONGEST_NAME or not is_storable(name) or not name.isprintable():
        fields["name"] = f"From 1 to {LONGEST_NAME} characters."
    if role not in roles_for(user):
        fields["role"] = f"You have fewer rights than {role.word}s do."
    if left <= timedelta():
        fields["expires_at"] = "This is over already."
    elif left > LONGEST_LIFE:
        fields["expires_at"] = "A token is valid for a year at most."
    if fields:
        raise Invalid(" ".join(fields.values()), fields=fields)
    if list_tokens(user).count() >= MOST:
        raise Conflict(f"You have {MOST} tokens; delete one that is not needed any more.")


def delete_token(user: User, key: int) -> ApiToken:
    """Delete a user's own token; it is not let in from then on. Raise NotFound."""
    token = find_token(user, key)
    with audited("token.delete", token.name):
        ApiToken.objects.filter(pk=key).delete()
    return token


def delete_tokens(user: User, why: str) -> int:
    """Delete all tokens of a user, as where an account is taken back. Give their number."""
    require("account.manage")
    with audited("token.delete", f"all of {user.username}", why=why) as details:
        details["deleted"], _ = list_tokens(user).delete()
    return int(details["deleted"])


def user_of(secret: str, address: str) -> User:
    """Whom a token stands for, with no more rights than it has. Raise WrongToken."""
    # What is looked for is a hash: how long that takes says nothing about any token.
    known = ApiToken.objects.select_related("user").filter(
        digest=digest_of(secret), expires_at__gt=timezone.now(), user__is_active=True
    )
    token = known.first() if SHAPE.fullmatch(secret) else None
    if token is None:
        raise WrongToken
    note_use(token, address)
    limit_rights(token.user, Role(token.role))
    token.user.token = token
    return token.user


def note_use(token: ApiToken, address: str) -> None:
    now = timezone.now()
    before = now - USE_NOTED_AFTER
    if token.last_used_at and token.last_used_at > before:
        return
    long_ago = Q(last_used_at=None) | Q(last_used_at__lte=before)
    with in_passing():
        ApiToken.objects.filter(long_ago, pk=token.pk).update(
            last_used_at=now, last_address=address[:64]
        )


def digest_of(secret: str) -> str:
    """SHA-256, quick and without salt: there is nothing to guess in 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def role_words(roles: Sequence[Role]) -> list[tuple[str, str, str]]:
    """Value, word and what it may, for a choice."""
    may = {
        Role.VIEWER: "Looks at everything but secrets, and changes nothing.",
        Role.OPERATOR: "Starts, stops, backs up and brings back what is gone; reads secrets.",
        Role.ADMINISTRATOR: "Everything, deleting and replacing included.",
    }
    return [(role.word, role.label, may[role]) for role in roles]

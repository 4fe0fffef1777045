"""Users who come from the OIDC provider: found by issuer and subject, made, their role kept up."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import count
from typing import Any

from django.db import IntegrityError, transaction

from accounts.audit import failures_audited, record
from accounts.models import Identity, User
from accounts.oidc.problems import NoRole, SwitchedOff
from accounts.people.queries import find_person
from accounts.rights import Role
from accounts.roles import give_role, take_roles
from accounts.sessions import services as sessions
from containermonkey.oidc import Oidc

NAMED_BY = ("preferred_username", "email", "name")
"""The claims that a new user is called by, the first that there is."""

# The fillers of Hangul count as letters, and nobody sees them.
UNFIT = re.compile(r"(?:[^\w.@+-]|[\u115f\u1160])+")
LONGEST = 140
"""Characters of a name, so that a number goes behind it."""


def admit(oidc: Oidc, claims: dict[str, Any]) -> User:
    """The user of whom the provider tells, made if they are new, with the role of today.

    Raise SwitchedOff, or NoRole: who was let in before then loses role and sessions here too.
    """
    subject = claims["sub"]
    identity = find(oidc.issuer, subject)
    role = role_of(oidc, claims)
    known = identity.user.username if identity else ""
    with failures_audited("account.sign_in", known, provider=oidc.issuer, subject=subject):
        if identity and not identity.user.is_active:
            raise SwitchedOff
        if role is None:
            if identity:
                shut_out(oidc, identity.user)
            raise NoRole
    if identity is None:
        return make(oidc, claims, role)
    if oidc.decides_roles:
        keep_up(oidc, identity.user, role)
    return identity.user


def find(issuer: str, subject: str) -> Identity | None:
    found = Identity.objects.select_related("user").filter(issuer=issuer, subject=subject)
    return found.first()


def role_of(oidc: Oidc, claims: dict[str, Any]) -> Role | None:
    """The largest role that the groups of somebody give, else the one that everybody has."""
    groups = groups_in(oidc.roles_claim, claims)
    words = [role for role, names in oidc.groups.items() if groups & set(names)]
    word = words[-1] if words else oidc.default_role
    return Role.of(word) if word else None


def groups_in(claim: str, claims: dict[str, Any]) -> set[str]:
    """The values of a claim, one or a list. `realm_access.roles` is `roles` in `realm_access`."""
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    values = found if isinstance(found, list) else [found]
    return {value for value in values if isinstance(value, str)}


def make(oidc: Oidc, claims: dict[str, Any], role: Role) -> User:
    """Make a user without a password, under a name that nobody has yet."""
    for username in names_for(claims):
        try:
            with transaction.atomic():
                if User.objects.filter(username__iexact=username).exists():
                    continue
                user = User(username=username)
                user.set_unusable_password()
                user.save()
                Identity.objects.create(user=user, issuer=oidc.issuer, subject=claims["sub"])
                give_role(user, role)
        except IntegrityError:
            # Another request has made this very person, or somebody of this name.
            if identity := find(oidc.issuer, claims["sub"]):
                return identity.user
            continue
        record("user.create", username, role=role.value, provider=oidc.issuer)
        return user
    raise AssertionError("names do not end")


def names_for(claims: dict[str, Any]) -> Iterator[str]:
    """What a user may be called: as the provider says, else with a number behind it."""
    told = [claims[key] for key in NAMED_BY if isinstance(claims.get(key), str)]
    fit = (UNFIT.sub("-", unicodedata.normalize("NFKC", name)).strip("-") for name in told)
    plain = next(filter(None, fit), "user")[:LONGEST]
    yield plain
    for number in count(2):
        yield f"{plain}-{number}"


def keep_up(oidc: Oidc, user: User, role: Role) -> None:
    """Have a user be of the role that the provider says."""
    before = find_person(user.pk).role
    if before is not role:
        give_role(user, role)
        was = before.value if before else ""
        record("user.change_role", user.username, role=role.value, before=was, provider=oidc.issuer)


def shut_out(oidc: Oidc, user: User) -> None:
    """Take the role and the sessions of somebody whom the provider counts to no group any more.

    Their API tokens may do no more from then on than groups that were made by hand allow.
    """
    before = find_person(user.pk).role
    with transaction.atomic():
        take_roles(user)
        sessions.drop(user)
    if before:
        record(
            "user.change_role", user.username, role="", before=before.value, provider=oidc.issuer
        )

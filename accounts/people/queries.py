"""The users with their roles: found, searched, put in order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Permission
from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Lower

from accounts.models import User
from accounts.oidc.identities import name_of, role_is_told
from accounts.rights import Role
from containermonkey.problems import NotFound

PAGE_SIZE = 50

RANKS = dict(enumerate(Role, start=1))
"""From what the database counts with to the role; 0 is none."""

Order = F | Lower

SORTS: dict[str, list[Order]] = {
    "name": [Lower("username")],
    "role": [F("rank"), Lower("username")],
    "active": [F("is_active"), Lower("username")],
    "last": [F("last_login"), Lower("username")],
    "due": [F("must_change_password"), Lower("username")],
}

NOBODYS = UNUSABLE_PASSWORD_PREFIX
"""What the hash of a password begins with that nobody can have."""


@dataclass(frozen=True)
class Person:
    """A user as pages and API tell of them. `role` is None where only `groups`, which are the
    names of those that were made by hand, or rights of their own say what they may do."""

    id: int
    username: str
    role: Role | None
    groups: list[str]
    has_own_rights: bool
    is_active: bool
    last_sign_in: datetime | None
    change_due: bool
    joined: datetime
    issuer: str = ""
    """The OIDC provider that they come from; empty for those who have a password here."""
    subject: str = ""

    @property
    def role_words(self) -> str:
        """The role and what there is beside it: `Operator, Night shift`."""
        own = ["rights of their own"] if self.has_own_rights else []
        return ", ".join([*([self.role.label] if self.role else []), *self.groups, *own])

    @property
    def provider(self) -> str:
        """What the provider is called; empty for those who have a password here."""
        return name_of(self.issuer) if self.issuer else ""

    @property
    def role_is_told(self) -> bool:
        """Whether the provider says the role."""
        return role_is_told(self.issuer)


def ranked() -> QuerySet[Any]:
    """All users, each with `rank`: the largest role that they have."""
    return User.objects.annotate(
        rank=Case(
            When(is_superuser=True, then=Value(max(RANKS))),
            *(When(is_in(role), then=Value(rank)) for rank, role in reversed(RANKS.items())),
            default=Value(0),
            output_field=IntegerField(),
        )
    )


def is_in(role: Role) -> Exists:
    memberships = User.groups.through.objects
    return Exists(memberships.filter(user=OuterRef("pk"), group__name=role.value))


def administrators() -> QuerySet[Any]:
    """Those who can sign in and do everything."""
    return ranked().filter(rank=max(RANKS), is_active=True).exclude(password__startswith=NOBODYS)


def list_people(search: str = "", sort: str = "name", role: str = "") -> QuerySet[Any]:
    """The users whose name holds every word, of one role where it is named; see `person`.

    An unknown order counts as that of names, an unknown role as one that nobody has.
    """
    found = ranked().select_related("identity").prefetch_related("groups", own_rights())
    for word in search.replace("\0", "\ufffd").split():
        found = found.filter(username__icontains=word)
    return of_role(found, role).order_by(*order_of(sort))


def of_role(users: QuerySet[Any], role: str) -> QuerySet[Any]:
    """Those of `ranked` users who have a role; `none` are those without, nothing is everybody."""
    if not role:
        return users
    ranks = [rank for rank, each in RANKS.items() if each.word == role.lower()]
    return users.filter(rank__in=[0] if role == "none" else ranks)


def order_of(sort: str) -> list[Any]:
    keys = SORTS.get(sort.removeprefix("-"), SORTS["name"])
    first, *rest = keys
    if sort.startswith("-"):
        return [first.desc(nulls_last=True), *rest, "pk"]
    return [first.asc(nulls_first=True), *rest, "pk"]


def own_rights() -> "Prefetch[Any]":
    ours = Permission.objects.filter(content_type__app_label=User._meta.app_label)
    return Prefetch("user_permissions", queryset=ours, to_attr="own_rights")


def people_page(search: str, sort: str, role: str, page: str) -> Page:
    """A page of `list_people`, of persons."""
    shown = Paginator(list_people(search, sort, role), PAGE_SIZE).get_page(page)
    shown.object_list = [person(user) for user in shown]
    return shown


def find_person(key: int) -> Person:
    """Raise NotFound if there is none."""
    user = list_people().filter(pk=key).first()
    if user is None:
        raise no_such_user()
    return person(user)


def person_named(username: str) -> Person:
    """Raise NotFound if there is none."""
    user = list_people().filter(username=username).first()
    if user is None:
        raise NotFound(f"There is no user named {username}.")
    return person(user)


def no_such_user() -> NotFound:
    return NotFound("There is no such user any more.")


def person(user: Any) -> Person:
    """A user of `list_people` in full."""
    roles = {role.value for role in Role}
    identity = getattr(user, "identity", None)
    return Person(
        id=user.pk,
        username=user.username,
        role=RANKS.get(user.rank),
        groups=sorted(group.name for group in user.groups.all() if group.name not in roles),
        has_own_rights=bool(user.own_rights),
        is_active=user.is_active,
        last_sign_in=user.last_login,
        change_due=user.must_change_password,
        joined=user.date_joined,
        issuer=identity.issuer if identity else "",
        subject=identity.subject if identity else "",
    )

"""What is done to users: made, given a role, switched off, given a new password, deleted.

Who does it may give or take no more than they may do themselves, and leaves themselves alone.
"""

from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from accounts.audit import audited, current_actor
from accounts.models import LONGEST_USERNAME, Right, User
from accounts.oidc.identities import refuse_password, refuse_role
from accounts.people.last import an_administrator_stays
from accounts.people.passwords import make_one_time_password
from accounts.people.queries import Person, find_person, no_such_user
from accounts.problems import UsernameTaken
from accounts.rights import RIGHTS_OF, Role, rights_of
from accounts.roles import give_role
from accounts.services import password_fault, username_fault
from accounts.sessions import services as sessions
from containermonkey.problems import Conflict, Invalid, NotAllowed


@dataclass(frozen=True)
class Admission:
    """Somebody with the password that they sign in with once; `made` by us, to be shown once."""

    person: Person
    password: str = field(repr=False)
    made: bool


def create_user(username: str, role: Role, password: str = "") -> Admission:
    """Make a user, who has to change the password at the first sign-in; an empty one is made.

    Raise Invalid with the fields at fault, or Conflict where the name is taken.
    """
    username = User.normalize_username(username.strip())
    with audited("user.create", username, role=role.value, password_made=not password):
        refuse_beyond(RIGHTS_OF[role])
        user = User(username=username, must_change_password=True)
        refuse_faults(user, password)
        given = password or make_one_time_password()
        user.password = make_password(given)
        write(user, role)
    return Admission(find_person(user.pk), given, made=not password)


def write(user: User, role: Role) -> None:
    try:
        with transaction.atomic():
            refuse_taken(user)
            user.save()
            give_role(user, role)
    except IntegrityError:
        raise UsernameTaken(user.username, field="username") from None


def change_role(key: int, role: Role) -> Person:
    """Give a user a role in the place of the one they have; groups made by hand stay.

    What they may do follows at their next request, and their sockets within seconds. Raise
    NotFound, Conflict for oneself or where an OIDC provider says the role, or LastAdministrator.
    """
    user = find_user(key)
    before = find_person(key).role
    with audited("user.change_role", user.username, role=role.value) as details:
        details["before"] = before.value if before else ""
        refuse_oneself(user, "gives themselves another role")
        refuse_above(user)
        refuse_role(user)
        refuse_beyond(RIGHTS_OF[role])
        with an_administrator_stays():
            give_role(find_user(key), role)
    return find_person(key)


def switch_user(key: int, active: bool) -> Person:
    """Let a user sign in or no longer; who is switched off is signed out everywhere.

    Raise NotFound, Conflict for oneself, or LastAdministrator.
    """
    user = find_user(key)
    with audited("user.switch", user.username, on=active):
        refuse_oneself(user, "switches themselves off or on")
        refuse_above(user)
        with an_administrator_stays():
            User.objects.filter(pk=key).update(is_active=active)
            if not active:
                sessions.drop(user)
    return find_person(key)


def reset_password(key: int, password: str = "") -> Admission:
    """Give a user a new password that serves once; an empty one is made. Their sessions end.

    Raise NotFound, Conflict for oneself and for who comes from an OIDC provider, or Invalid where
    the password cannot be used.
    """
    user = find_user(key)
    with audited("user.reset_password", user.username, password_made=not password):
        refuse_oneself(user, "gives themselves a one-time password")
        refuse_above(user)
        refuse_password(user)
        if password and (sentence := password_fault(user, user, password)):
            raise Invalid(sentence, fields={"password": sentence})
        given = password or make_one_time_password()
        with transaction.atomic():
            User.objects.filter(pk=key).update(
                password=make_password(given), must_change_password=True
            )
            sessions.drop(user)
    return Admission(find_person(key), given, made=not password)


def rename_user(key: int, username: str) -> Person:
    """Call a user otherwise. What they did stays in the audit trail under the name that they had.

    Raise NotFound, Invalid or Conflict with the field `username`.
    """
    user = find_user(key)
    username = User.normalize_username(username.strip())
    with audited("user.rename", user.username, to=username[:LONGEST_USERNAME]):
        refuse_above(user)
        user.username = username
        refuse_faults(user)
        try:
            with transaction.atomic():
                refuse_taken(user)
                User.objects.filter(pk=key).update(username=username)
        except IntegrityError:
            raise UsernameTaken(username, field="username") from None
    return find_person(key)


def delete_user(key: int) -> Person:
    """Delete a user. What they did stays in the audit trail, with their name.

    Raise NotFound, Conflict for oneself, or LastAdministrator.
    """
    person = find_person(key)
    with audited("user.delete", person.username, role=person.role.value if person.role else ""):
        user = find_user(key)
        refuse_oneself(user, "deletes themselves")
        refuse_above(user)
        with an_administrator_stays():
            sessions.drop(user)
            find_user(key).delete()
    return person


def find_user(key: int) -> User:
    """Raise NotFound if there is none."""
    user = User.objects.filter(pk=key).first()
    if user is None:
        raise no_such_user()
    return user


def refuse_faults(user: User, password: str = "") -> None:
    """Raise Invalid, naming each field that is at fault."""
    fields = {}
    if sentence := username_fault(user):
        fields["username"] = sentence
    if password and (sentence := password_fault(user, user, password)):
        fields["password"] = sentence
    if fields:
        raise Invalid(" ".join(fields.values()), fields=fields)


def refuse_taken(user: User) -> None:
    """Raise UsernameTaken, also where two names could be taken for each other: Ada, ada."""
    if User.objects.filter(username__iexact=user.username).exclude(pk=user.pk).exists():
        raise UsernameTaken(user.username, field="username")


def refuse_oneself(user: User, doing: str) -> None:
    """Raise Conflict where somebody would shut themselves out, as by accident."""
    if current_actor().user == user:
        raise Conflict(f"Nobody {doing}; ask another administrator.")


def refuse_above(user: User) -> None:
    """Raise NotAllowed where a user may do something that who is acting may not.

    Whoever could give them a password could act as them.
    """
    refuse_beyond(frozenset(Right) if user.is_superuser else rights_of(awake(user)))


def awake(user: User) -> User:
    """The same as if switched on: what they will be able to do then counts."""
    return User(pk=user.pk, is_active=True)


def refuse_beyond(rights: frozenset[Right]) -> None:
    if beyond := rights - current_actor().rights:
        words = ", ".join(right.label for right in Right if right in beyond)
        raise NotAllowed(f"You cannot decide for others on what you may not do yourself: {words}.")

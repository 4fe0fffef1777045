"""Signing in and out, the first user, and changing one's own name and password."""

from django.conf import settings
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts import limits
from accounts.audit import audited, failures_audited, record
from accounts.models import LONGEST_USERNAME, User
from accounts.oidc.identities import refuse_password
from accounts.problems import (
    SecondFactorNeeded,
    SignInAgain,
    UsernameTaken,
    WrongCredentials,
    WrongCurrentPassword,
)
from accounts.second_factor import services as second_factor
from accounts.sessions import services as sessions
from containermonkey.problems import Conflict, Invalid

FIRST_USERNAME = "monkeysee"
FIRST_PASSWORD = "monkeydo"  # noqa: S105 - published on purpose; it has to be changed at once
LONGEST_PASSWORD = 4096


def ensure_first_user() -> bool:
    """Make the user that a fresh installation is signed in with, if there is no user at all.

    Tell whether one was made. Two processes may do this at once.
    """
    try:
        with transaction.atomic():
            if User.objects.exists():
                return False
            User.objects.create_superuser(
                FIRST_USERNAME, password=FIRST_PASSWORD, must_change_password=True
            )
    except IntegrityError:
        return False
    return True


def change_due(user: User | AnonymousUser) -> bool:
    """Whether this user can do nothing before the password is changed."""
    if settings.ALLOW_DEFAULT_PASSWORD or not isinstance(user, User):
        return False
    return user.must_change_password and user.has_usable_password()


def default_password_in_use(user: User | AnonymousUser) -> bool:
    """Whether this user works with a password that should have been changed, and may."""
    return bool(getattr(user, "must_change_password", False) and settings.ALLOW_DEFAULT_PASSWORD)


def sign_in(request: HttpRequest, username: str, password: str, code: str = "") -> User:
    """Sign the caller in and give the user.

    Raise WrongCredentials for an unknown, an inactive and a wrong one alike, TooManyRequests after
    too many of them, and with a second factor SecondFactorNeeded without a code or WrongCode.
    """
    user = user_of_password(request, username, password)
    if second_factor.is_on(user) and not code:
        raise SecondFactorNeeded
    return complete_sign_in(request, user, code)


def complete_sign_in(request: HttpRequest, user: User, code: str) -> User:
    """Sign in whose password was right. Raise WrongCode or TooManyRequests."""
    with audited("account.sign_in", user.username) as details:
        kind = second_factor.check_code(request, user, code) if second_factor.is_on(user) else ""
        begin_session(request, user)
        if kind:
            details["second_factor"] = kind
            second_factor.note_code(request.session)
    return user


def user_of_password(request: HttpRequest, username: str, password: str) -> User:
    """Whose name and password these are. Raise WrongCredentials or TooManyRequests."""
    if not (is_storable(username) and is_storable(password)):
        # Nobody can have these. The password hasher is run all the same, so that the answer
        # takes as long as that for any other wrong guess.
        username = password = ""
    known = known_name(username)
    with (
        # Outside: who is held back leaves no lines, or a flood of guesses would fill the disk.
        limits.guess(request, username) as count_failure,
        failures_audited("account.sign_in", known, **({} if known else {"unknown_name": True})),
    ):
        user = authenticate(request, username=username, password=password)
        if not isinstance(user, User):
            count_failure()
            raise WrongCredentials
    return user


def known_name(username: str) -> str:
    """The name for the audit trail: empty unless a user has it.

    People type their password where the name belongs, and the trail must hold none. The address
    and the number of attempts stay.
    """
    # A longer one is nobody's, and too much for the database to compare.
    is_short = len(username) <= LONGEST_USERNAME
    is_known = is_short and User.objects.filter(username__iexact=username).exists()
    return username if is_known else ""


def begin_session(request: HttpRequest, user: User) -> None:
    """Sign a user in, with a session whose key nobody had before."""
    request.session.flush()  # Django keeps the key of whoever signs in as the same user once more
    login(request, user)
    sessions.remember_rights(request.session, user)
    sessions.forget_ended()


def sign_out(request: HttpRequest) -> None:
    """End the caller's session, if there is one."""
    if request.user.is_authenticated:
        record("account.sign_out", request.user.get_username())
    logout(request)


def change_credentials(
    request: HttpRequest,
    current_password: str,
    new_username: str | None = None,
    new_password: str | None = None,
) -> User:
    """Give the signed-in user a new name, a new password or both; end their other sessions.

    Raise WrongCurrentPassword, Invalid or Conflict with the fields at fault, TooManyRequests, or
    Conflict for who has no password here.
    """
    user = User.objects.get(username=request.user.get_username())
    with audited("account.change", user.username) as details:
        refuse_password(user)
        check_current_password(request, user, current_password)
        username = User.normalize_username(new_username) if new_username else user.username
        if username == user.username and not new_password:
            raise Invalid("Give a new user name, a new password or both.")
        check_new_credentials(user, username, new_password)
        replace_credentials(user, username, new_password or current_password, bool(new_password))
        details |= {"new_username": username, "password_changed": bool(new_password)}
    request.user = user
    update_session_auth_hash(request, user)
    sessions.drop(user, but=request.session.session_key)
    return user


def check_oneself(request: HttpRequest, user: User, password: str) -> None:
    """Raise unless it is this user who asks: by the password or, who has none, by having signed
    in just now. Raise WrongCurrentPassword, TooManyRequests or SignInAgain.
    """
    if user.has_usable_password():
        check_current_password(request, user, password)
    elif not sessions.begun_just_now(request.session):
        raise SignInAgain


def check_current_password(request: HttpRequest, user: User, password: str) -> None:
    with limits.guess(request, user.username) as count_failure:
        if not (is_storable(password) and user.check_password(password)):
            count_failure()
            raise WrongCurrentPassword


def check_new_credentials(user: User, username: str, password: str | None) -> None:
    """Raise Invalid or Conflict, naming each field that is at fault."""
    fields = {}
    candidate = User(username=username, email=user.email)
    if username != user.username and (sentence := username_fault(candidate)):
        fields["new_username"] = sentence
    if password and (sentence := password_fault(user, candidate, password)):
        fields["new_password"] = sentence
    if fields:
        raise Invalid(" ".join(fields.values()), fields=fields)
    if username != user.username and User.objects.filter(username=username).exists():
        raise UsernameTaken(username)


def username_fault(candidate: User) -> str:
    try:
        User._meta.get_field("username").clean(candidate.username, candidate)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def password_fault(user: User, candidate: User, password: str) -> str:
    if len(password) > LONGEST_PASSWORD or not is_storable(password):
        return "This password cannot be used; choose a shorter one of ordinary characters."
    if password == FIRST_PASSWORD:
        return "This is the password that everybody knows; choose another."
    if user.check_password(password):
        return "This is the current password; choose another."
    try:
        validate_password(password, candidate)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def replace_credentials(user: User, username: str, password: str, password_changed: bool) -> None:
    """Write name and password, unless somebody else wrote them since `user` was read.

    The password is hashed anew even when it stays: sessions hang on the hash, and so all of them
    end.
    """
    before = user.password
    user.username = username
    user.password = make_password(password)
    user.must_change_password = user.must_change_password and not password_changed
    try:
        with transaction.atomic():
            written = User.objects.filter(pk=user.pk, password=before).update(
                username=user.username,
                password=user.password,
                must_change_password=user.must_change_password,
            )
    except IntegrityError:
        raise UsernameTaken(username) from None
    if not written:
        raise Conflict("The password was changed by somebody else just now. Sign in again.")


def is_storable(text: str) -> bool:
    """Whether a database and a password hasher can take this text."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)

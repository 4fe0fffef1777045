"""The second factor switched on and off by its user, who proves who it is: with the password or,
without one, by having signed in just now."""

from django.http import HttpRequest

from accounts import limits
from accounts.audit import audited
from accounts.models import User
from accounts.problems import WrongCode
from accounts.second_factor import services
from accounts.services import check_oneself
from accounts.sessions.services import drop
from containermonkey.problems import Conflict


def switch_on(request: HttpRequest, user: User, password: str, code: str) -> list[str]:
    """Have the sign-in ask for codes from now on, and give the recovery codes, this once.

    The secret is that of `new_secret`, and `code` shows that the app has it. The user's other
    sessions end. Raise WrongCurrentPassword, SignInAgain, WrongCode, TooManyRequests or Conflict.
    """
    with audited("second_factor.change", user.username, switched="on"):
        refuse_unless(not services.is_on(user), "Your second factor is on already.")
        check_oneself(request, user, password)
        secret = services.new_secret(request.session)
        with limits.guess_code(request, user, short=True) as count_failure:
            step = services.step_of(secret, services.plain_of(code))
            if step is None:
                count_failure()
                raise WrongCode
        services.keep(user, secret, step)
        codes = services.make_recovery_codes(user)
        del request.session[services.SECRET]
        end_others(request, user)
    return codes


def switch_off(request: HttpRequest, user: User, password: str, code: str) -> None:
    """Ask for no code any more. Raise as `switch_on`."""
    with audited("second_factor.change", user.username, switched="off"):
        prove(request, user, password, code)
        services.forget(user)


def renew_recovery_codes(request: HttpRequest, user: User, password: str, code: str) -> list[str]:
    """Give new recovery codes, this once; the former ones are void. Raise as `switch_on`."""
    with audited("second_factor.change", user.username, renewed="recovery codes"):
        prove(request, user, password, code)
        return services.make_recovery_codes(user)


def confirm(request: HttpRequest, user: User, code: str) -> None:
    """Note that it is the user who is there. Raise WrongCode, TooManyRequests or Conflict."""
    with audited("second_factor.confirm", user.username):
        refuse_unless(services.is_on(user), "Your second factor is off.")
        services.check_code(request, user, code)
        request.session.cycle_key()
        services.note_code(request.session)


def prove(request: HttpRequest, user: User, password: str, code: str) -> None:
    refuse_unless(services.is_on(user), "Your second factor is off.")
    check_oneself(request, user, password)
    services.check_code(request, user, code)


def end_others(request: HttpRequest, user: User) -> None:
    """Others were begun without a code; this one goes on under a new key."""
    request.session.cycle_key()
    services.note_code(request.session)
    drop(user, but=request.session.session_key)


def refuse_unless(holds: bool, sentence: str) -> None:
    if not holds:
        raise Conflict(sentence)

"""Codes of authenticator apps (TOTP, RFC 6238), and the recovery codes for when there is none."""

import hashlib
import re
import secrets
import time
from contextlib import suppress
from datetime import datetime
from hmac import compare_digest

import pyotp
import segno
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from accounts import limits
from accounts.audit import CODE_AT, audited
from accounts.models import RecoveryCode, SecondFactor, User
from accounts.problems import WrongCode
from accounts.sessions.services import drop
from containermonkey.encryption import SecretUnreadable, decrypted, encrypted

ISSUER = "Container Monkey"
STEP = 30
RECOVERY_CODES = 10
LONGEST_CODE = 50
APP_CODE = re.compile(r"[0-9]{6}")

PASSWORD_COUNTS_FOR = 300
"""Seconds from the right password to the code."""

PENDING, SECRET = "second_factor_of", "second_factor_secret"


def find(user: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=user).first()


def is_on(user: User) -> bool:
    """Whether a user's sign-in asks for a code."""
    return SecondFactor.objects.filter(user=user).exists()


def codes_left(user: User) -> int:
    """How many recovery codes were not used yet."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def check_code(request: HttpRequest, user: User, code: str) -> str:
    """Take a code, which cannot be used again, and say of which kind it was: `app`, `recovery`.

    Raise WrongCode, TooManyRequests, or SecretUnreadable where the key of the installation was
    changed; recovery codes are taken then too.
    """
    plain = plain_of(code)
    short = bool(APP_CODE.fullmatch(plain))
    with limits.guess_code(request, user, short=short) as count_failure:
        taken = take_app_code(user, plain) if short else take_recovery_code(user, plain)
        if not taken:
            count_failure()
            raise WrongCode
    return "app" if short else "recovery"


def plain_of(code: str) -> str:
    """A code without what people put between its letters."""
    return re.sub(r"[\s-]", "", code[:LONGEST_CODE]).lower()


def take_app_code(user: User, code: str) -> bool:
    factor = find(user)
    step = step_of(decrypted(factor.secret), code) if factor else None
    if factor is None or step is None:
        return False
    # Of two requests with one code at once, only one finds the step of before.
    fresh = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step)
    return bool(fresh.update(last_step=step))


def step_of(secret: str, code: str) -> int | None:
    """The half minute that a code is of: the current one, or the one beside it by a slow clock."""
    if not APP_CODE.fullmatch(code):
        return None
    app, now = pyotp.TOTP(secret), int(time.time()) // STEP
    around = (now - 1, now, now + 1)
    right = [step for step in around if compare_digest(app.generate_otp(step), code)]
    return right[-1] if right else None


def take_recovery_code(user: User, code: str) -> bool:
    unused = RecoveryCode.objects.filter(user=user, digest=digest_of(user, code), used_at=None)
    return bool(unused.update(used_at=timezone.now()))


def make_recovery_codes(user: User) -> list[str]:
    """New recovery codes in the place of all former ones; they are told this once."""
    codes = [secrets.token_hex(10) for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(user=user, digest=digest_of(user, code)) for code in codes
        )
    return ["-".join(re.findall(".{5}", code)) for code in codes]


def digest_of(user: User, code: str) -> str:
    """SHA-256, quick: there is nothing to guess in 80 random bits."""
    return hashlib.sha256(f"{user.pk} {code}".encode("utf-8", "replace")).hexdigest()


def keep(user: User, secret: str, step: int) -> None:
    """Have the sign-in ask for codes of this secret, of which the one of `step` was used."""
    SecondFactor.objects.create(user=user, secret=encrypted(secret), last_step=step)


def forget(user: User) -> None:
    with transaction.atomic():
        SecondFactor.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()


def reset(user: User, why: str) -> None:
    """Take somebody's second factor away, as for a lost telephone, and end their sessions."""
    with audited("second_factor.reset", user.username, why=why):
        forget(user)
        drop(user)


# What a session knows


def remember_password(session: SessionBase, user: User) -> None:
    """Note that a user's password was right, for as long as it takes to enter a code."""
    session.flush()
    session[PENDING] = [user.pk, user.get_session_auth_hash(), time.time()]


def whose_password(session: SessionBase) -> User | None:
    """Whose password was right a short time ago, and is still."""
    key, hashed, at = session.get(PENDING) or (0, "", 0)
    user = User.objects.filter(pk=key, is_active=True).first()
    if user is None or not 0 <= time.time() - at < PASSWORD_COUNTS_FOR:
        return None
    return user if compare_digest(user.get_session_auth_hash(), hashed) else None


def note_code(session: SessionBase) -> None:
    """Note that a code was given just now."""
    session[CODE_AT] = time.time()


def new_secret(session: SessionBase) -> str:
    """The secret that is being set up; kept, encrypted, until a code of it was entered."""
    with suppress(SecretUnreadable, KeyError):  # the key may have been changed meanwhile
        return decrypted(session[SECRET])
    secret = pyotp.random_base32()
    session[SECRET] = encrypted(secret)
    return secret


def address_for_app(user: User, secret: str) -> str:
    """What an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=ISSUER)


def picture_of(address: str) -> SafeString:
    """A QR code as SVG, without styles or scripts."""
    code = segno.make(address, micro=False, error="m")
    return mark_safe(  # noqa: S308 - made by us, of black and white alone
        code.svg_inline(omitsize=True, svgclass="qr", lineclass=None, light="#fff", border=4)
    )


def since(user: User) -> datetime | None:
    factor = find(user)
    return factor.created_at if factor else None

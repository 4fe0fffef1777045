"""What can be wrong with who is asking."""

from containermonkey.problems import Conflict, Invalid, NotAllowed, NotSignedIn, Problem


class WrongCredentials(NotSignedIn):
    """An unknown user and a wrong password read the same: a guess must not tell which it was."""

    code = "wrong_credentials"

    def __init__(self) -> None:
        sentence = "The user name or the password is not right."
        super().__init__(sentence, fields={"password": sentence})


class WrongCurrentPassword(Invalid):
    def __init__(self) -> None:
        sentence = "The current password is not right."
        super().__init__(sentence, fields={"current_password": sentence})


class SignInAgain(NotAllowed):
    """What a password would prove, of somebody who has none."""

    code = "sign_in_again"

    def __init__(self) -> None:
        super().__init__(
            "This takes a sign-in within the last ten minutes. Sign out, sign in again, and come "
            "back here."
        )


class UsernameTaken(Conflict):
    def __init__(self, username: str, *, field: str = "new_username") -> None:
        sentence = f"There is already a user named {username}."
        super().__init__(sentence, fields={field: sentence})


class PasswordChangeDue(NotAllowed):
    code = "password_change_required"

    def __init__(self) -> None:
        super().__init__("Change the password first; until then nothing else can be done.")


class CsrfFailed(NotAllowed):
    code = "csrf_failed"

    def __init__(self, advice: str = "") -> None:
        sentence = (
            "The CSRF token is missing or out of date: send the one of GET /api/auth-status "
            "in the header X-CSRFToken."
        )
        super().__init__(f"{sentence} {advice}".strip())


class SecondFactorNeeded(NotSignedIn):
    """The password was right, and a code has to come with it."""

    code = "otp_required"

    def __init__(self) -> None:
        sentence = "Enter the code of your authenticator app as well, or a recovery code."
        super().__init__(sentence, fields={"otp": sentence})


class WrongCode(Invalid):
    code = "otp_wrong"

    def __init__(self) -> None:
        sentence = "This code is not right, or it was used already. Wait for the next one."
        super().__init__(sentence, fields={"otp": sentence})


class FreshCodeNeeded(NotAllowed):
    """Somebody with a second factor does what takes a code that was given a short time ago."""

    code = "fresh_code_required"

    def __init__(self) -> None:
        super().__init__("Confirm with a code of your authenticator app that it is you.")


class WrongToken(NotSignedIn):
    """An unknown, an expired and a deleted token read the same, as does one of nobody active."""

    code = "token_invalid"

    def __init__(self) -> None:
        super().__init__("This API token is not valid: it may have expired or been deleted.")
        self.headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class SessionRequired(NotAllowed):
    code = "session_required"

    def __init__(self) -> None:
        super().__init__("An API token cannot do this. Sign in with the password for it.")


class TooManyRequests(Problem):
    """`retry_after` is in seconds."""

    status, code = 429, "rate_limited"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.headers = {"Retry-After": str(max(1, retry_after))}

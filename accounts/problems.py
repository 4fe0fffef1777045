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


class UsernameTaken(Conflict):
    def __init__(self, username: str) -> None:
        sentence = f"There is already a user named {username}."
        super().__init__(sentence, fields={"new_username": sentence})


class PasswordChangeDue(NotAllowed):
    code = "password_change_required"

    def __init__(self) -> None:
        super().__init__("Change the password first; until then nothing else can be done.")


class CsrfFailed(NotAllowed):
    code = "csrf_failed"

    def __init__(self) -> None:
        super().__init__(
            "The CSRF token is missing or out of date: send the one of GET /api/auth-status "
            "in the header X-CSRFToken."
        )


class TooManyRequests(Problem):
    """`retry_after` is in seconds."""

    status, code = 429, "rate_limited"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.headers = {"Retry-After": str(max(1, retry_after))}

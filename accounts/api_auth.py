"""Who is calling the JSON API."""

from django.conf import settings
from django.http import HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from accounts import limits
from accounts.models import User
from accounts.problems import CsrfFailed, PasswordChangeDue
from accounts.services import change_due
from containermonkey.problems import NotSignedIn


class SignedIn(AuthBase):
    """Lets a signed-in user through, unless a change of the password is due first."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME

    def __init__(self, *, while_change_due: bool = False) -> None:
        super().__init__()
        self.while_change_due = while_change_due

    def __call__(self, request: HttpRequest) -> User:
        limits.count_call(request)
        user = self.authenticate(request)
        if user is None:
            raise NotSignedIn("Sign in first.")
        if change_due(user) and not self.while_change_due:
            raise PasswordChangeDue
        return user

    def authenticate(self, request: HttpRequest) -> User | None:
        """The one place that knows the ways of saying who one is."""
        return by_session(request)


def by_session(request: HttpRequest) -> User | None:
    """The user of the session cookie, which a browser also sends for other sites' pages.

    Raise CsrfFailed when an unsafe call does not prove that it comes from a page of ours.
    """
    user = request.user
    if not user.is_authenticated:
        return None
    if check_csrf(request):
        raise CsrfFailed
    return user

"""Who is calling the JSON API."""

from django.http import HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from accounts import limits
from accounts.models import User
from accounts.problems import CsrfFailed, PasswordChangeDue, SessionRequired
from accounts.services import change_due
from containermonkey.origins import advice_on
from containermonkey.problems import NotSignedIn


class SignedIn(AuthBase):
    """Lets a signed-in user through, unless a change of the password is due first."""

    openapi_type = "apiKey"  # ninja wants one; `containermonkey.openapi` tells both

    def __init__(self, *, while_change_due: bool = False, by_token: bool = True) -> None:
        super().__init__()
        self.while_change_due, self.takes_tokens = while_change_due, by_token

    def __call__(self, request: HttpRequest) -> User:
        limits.count_call(request)
        user = self.authenticate(request)
        if user is None:
            raise NotSignedIn("Sign in first.")
        if user.token and not self.takes_tokens:
            raise SessionRequired
        if change_due(user) and not self.while_change_due:
            raise PasswordChangeDue
        if refusal := getattr(request, "refusal", None):
            raise refusal
        return user

    def authenticate(self, request: HttpRequest) -> User | None:
        """The one place that knows the ways of saying who one is."""
        if problem := getattr(request, "token_problem", None):
            raise problem
        return by_token(request) or by_session(request)


def by_token(request: HttpRequest) -> User | None:
    """The user of the API token, which is looked up before; see `accounts.tokens.bearer`.

    No page of another site can have a browser send one, so nothing else is to be proved.
    """
    user = request.user
    return user if isinstance(user, User) and user.token else None


def by_session(request: HttpRequest) -> User | None:
    """The user of the session cookie, which a browser also sends for other sites' pages.

    Raise CsrfFailed when an unsafe call does not prove that it comes from a page of ours.
    """
    user = request.user
    if not user.is_authenticated:
        return None
    if check_csrf(request):
        raise CsrfFailed(advice_on(request))
    return user

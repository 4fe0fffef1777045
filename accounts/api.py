"""Sign-in, sign-out and one's own credentials as JSON."""

from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Field, Router, Schema

from accounts import limits, services
from accounts.api_auth import SignedIn, by_session, by_token
from accounts.models import LONGEST_USERNAME
from accounts.rights import needs
from accounts.second_factor.services import LONGEST_CODE
from accounts.services import LONGEST_PASSWORD

router = Router(tags=["Authentication"])


class Credentials(Schema):
    username: str = Field(max_length=LONGEST_USERNAME)
    password: str = Field(max_length=LONGEST_PASSWORD)
    otp: str = Field("", max_length=LONGEST_CODE, description="Where a second factor is on.")


class NewCredentials(Schema):
    current_password: str = Field(max_length=LONGEST_PASSWORD)
    new_username: str | None = Field(None, max_length=LONGEST_USERNAME)
    new_password: str | None = Field(None, max_length=LONGEST_PASSWORD)


class Done(Schema):
    success: bool = True


class Named(Done):
    username: str


class Status(Schema):
    authenticated: bool
    username: str | None
    must_change_password: bool
    csrf_token: str = Field(description="For the header X-CSRFToken of unsafe calls.")


@router.post("/login", auth=None, response=Named)
def login(request: HttpRequest, credentials: Credentials) -> Named:
    """Start a session; the answer sets its cookie. Needs no CSRF token.

    With a second factor, `otp` is a code of the app or a recovery code; without it the answer is
    a 401 with the code `otp_required`.
    """
    user = services.sign_in(request, credentials.username, credentials.password, credentials.otp)
    return Named(username=user.username)


@router.post("/logout", auth=None, response=Done)
def logout(request: HttpRequest) -> Done:
    """End the session. Not an error when there is none."""
    limits.count_call(request)
    if not by_token(request) and by_session(request):
        services.sign_out(request)
    return Done()


@router.get("/auth-status", auth=None, response=Status)
def auth_status(request: HttpRequest) -> Status:
    """Who the caller is, and the CSRF token for unsafe calls; sets its cookie as well."""
    limits.count_call(request)
    user = request.user
    return Status(
        authenticated=user.is_authenticated,
        username=user.username or None,
        must_change_password=services.change_due(user),
        csrf_token=get_token(request),
    )


@router.post(
    "/change-password", auth=SignedIn(while_change_due=True, by_token=False), response=Named
)
@needs("account.change")
def change_password(request: HttpRequest, credentials: NewCredentials) -> Named:
    """Change the user name, the password or both. The user's other sessions end."""
    user = services.change_credentials(
        request,
        credentials.current_password,
        credentials.new_username,
        credentials.new_password,
    )
    return Named(username=user.username)

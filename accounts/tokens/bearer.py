"""Who is asking, by the API token in a request's `Authorization: Bearer …`."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from accounts import limits
from accounts.problems import TooManyRequests, WrongToken
from accounts.tokens import services


def sign_in_by_token(request: HttpRequest) -> None:
    """Have a call of the API be that of its token's user, where it brings a token.

    One that is not valid makes it nobody's, whatever cookie comes along: a program must not go on
    as somebody else without noticing. What is to be answered then is left in `token_problem`.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return
    try:
        request.user = services.user_of(secret.strip(), request.META.get("REMOTE_ADDR", ""))
    except WrongToken as problem:
        request.user = AnonymousUser()
        request.token_problem = refusal(request, problem)  # type: ignore[attr-defined]


def refusal(request: HttpRequest, problem: WrongToken) -> WrongToken | TooManyRequests:
    try:
        limits.count_wrong_token(request)
    except TooManyRequests as too_many:
        return too_many
    return problem

"""Who is asking, as a user of ours."""

from django.http import HttpRequest

from accounts.models import User


def caller(request: HttpRequest) -> User:
    """The user who asks, where only those who are signed in can."""
    assert isinstance(request.user, User)
    return request.user

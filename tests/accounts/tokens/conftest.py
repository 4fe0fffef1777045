from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.rights import Role
from accounts.tokens.services import NewToken, make_token


@pytest.fixture
def make(db: None) -> Callable[..., NewToken]:
    """Makes a token for a user."""

    def make(user: User, role: Role = Role.VIEWER, name: str = "script", days: int = 7) -> NewToken:
        return make_token(user, name, role, timezone.now() + timedelta(days=days))

    return make


class Script:
    """A program that brings a token and no cookie, and is checked for CSRF as browsers are."""

    def __init__(self, secret: str, client: Client | None = None) -> None:
        self.client = client or Client(enforce_csrf_checks=True)
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, headers=self.headers, **more)

    def post(self, path: str, body: object = None, **more: Any) -> Any:
        more.setdefault("content_type", "application/json")
        return self.client.post(path, body or {}, headers=self.headers, **more)

    def delete(self, path: str) -> Any:
        return self.client.delete(path, headers=self.headers)

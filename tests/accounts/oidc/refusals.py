"""What somebody sees who is not signed in through the provider, and what stays of it."""

from typing import Any

from pytest_django.asserts import assertContains

from accounts.models import AuditEntry, User

WRONG = "cannot be believed or understood"


def refused(answer: Any, status: int, words: str) -> None:
    """A page that says why and leads on; nobody is signed in, and one line says so."""
    assertContains(answer, words, status_code=status)
    assertContains(answer, "You are not signed in</h1>", status_code=status)
    assertContains(answer, 'href="/accounts/sign-in/"', status_code=status)
    assertContains(answer, 'href="/accounts/oidc/', status_code=status)
    assert "no-store" in answer["Cache-Control"]
    assert not answer.client.get("/api/auth-status").json()["authenticated"]
    assert not User.objects.exists()
    line = AuditEntry.objects.get()
    assert (line.action, line.target, line.result) == ("account.sign_in", "", "failed")
    assert words in line.problem

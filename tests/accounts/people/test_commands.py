"""The commands about users."""

import getpass
import io
import sys

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry, User
from accounts.people.queries import person_named
from accounts.rights import Role
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_makes_a_user_and_prints_the_password():
    out, err = run("create_user", "nina", "--role", "operator")
    user = User.objects.get(username="nina")
    assert user.check_password(out.strip()) and user.must_change_password
    assert person_named("nina").role is Role.OPERATOR
    assert "nina (Operator) has to choose another password" in err
    line = AuditEntry.objects.get()
    assert (line.username, line.action, line.target) == ("command line", "user.create", "nina")


def test_reads_the_password_from_the_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("staple every llama\nand more\n"))
    out, err = run("create_user", "nina", "--role", "viewer", "--password", "stdin")
    assert User.objects.get(username="nina").check_password("staple every llama")
    assert "staple" not in out + err


def test_asks_for_the_password(monkeypatch):
    typed = iter(["staple every llama", "staple every llama", "one", "another"])
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(typed))
    run("create_user", "nina", "--role", "viewer", "--password", "ask")
    assert User.objects.get(username="nina").check_password("staple every llama")
    with pytest.raises(CommandError, match="not the same"):
        run("reset_password", "nina", "--password", "ask")


def test_says_what_is_wrong(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    for arguments, words in (
        (("create_user", "a b", "--role", "viewer"), "valid username"),
        (("create_user", "nina", "--role", "king"), "invalid choice"),
        (("create_user", "nina", "--role", "viewer", "--password", "stdin"), "No password"),
        (("reset_password", "nobody"), "There is no user named nobody"),
    ):
        with pytest.raises(CommandError, match=words):
            run(*arguments)


def test_gives_whoever_is_locked_out_a_new_password(admin):
    client = signed_in(admin)
    out, _ = run("reset_password", "ada")
    admin.refresh_from_db()
    assert admin.check_password(out.strip()) and admin.must_change_password
    assert client.get("/api/auth-status").json()["authenticated"] is False


def test_says_of_somebody_who_is_off_that_a_password_is_not_enough(viewer):
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    assert "vera is switched off" in run("reset_password", "vera")[1]


def test_lists_users(admin, viewer):
    User.objects.filter(pk=viewer.pk).update(is_active=False, must_change_password=True)
    out, _ = run("list_users")
    assert out.splitlines() == [
        "ada   Administrator, never signed in",
        "vera  Viewer, never signed in, switched off, has to change the password",
    ]

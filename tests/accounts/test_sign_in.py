import pytest
from django.contrib.auth.hashers import (
    MD5PasswordHasher,
    PBKDF2PasswordHasher,
    make_password,
)

from accounts.models import User
from accounts.problems import WrongCredentials
from accounts.services import sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_gives_the_user_and_a_new_session(admin, request_of):
    request = request_of()
    request.session["before"] = "here"
    request.session.save()
    before = request.session.session_key
    assert sign_in(request, "ada", PASSWORD) == admin
    assert request.session.session_key != before


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("ada", "wrong"),
        ("nobody", PASSWORD),
        ("", ""),
        ("ada", ""),
        ("ADA", PASSWORD),
        ("ada\0", PASSWORD),
        ("ada", f"{PASSWORD}\0"),
        ("ada\ud800", PASSWORD),
        ("ada", "\udfff"),
        ("a" * 100_000, "b" * 100_000),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
def test_refuses_what_is_wrong_in_the_same_words(username, password, admin, request_of):
    with pytest.raises(WrongCredentials, match="is not right"):
        sign_in(request_of(), username, password)


def test_refuses_an_inactive_user_in_the_same_words(admin, request_of):
    User.objects.update(is_active=False)
    with pytest.raises(WrongCredentials):
        sign_in(request_of(), "ada", PASSWORD)


@pytest.mark.parametrize(
    ("username", "password"),
    [
        *[("ada", "wrong"), ("nobody", "wrong"), ("ada\0", "wrong\0")],
        *[("off", "wrong"), ("off", PASSWORD), ("without", "wrong"), ("without", "")],
    ],
)
@pytest.mark.parametrize("hasher", [MD5PasswordHasher, PBKDF2PasswordHasher])
def test_hashes_one_password_whoever_is_asked_for(
    username, password, hasher, admin, request_of, monkeypatch, settings
):
    """The time that an answer takes is that of the hasher, so nobody's existence shows in it."""
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1000)
    settings.PASSWORD_HASHERS = [f"{hasher.__module__}.{hasher.__qualname__}"]
    for name in ("ada", "off"):
        User.objects.update_or_create(
            username=name,
            defaults={"password": make_password(PASSWORD), "is_active": name != "off"},
        )
    User.objects.create_user("without")  # a password that cannot be used
    hashed = []
    encode = hasher.encode

    def counted(self, password, salt, iterations=None):
        hashed.append(iterations)
        return encode(self, password, salt, *([iterations] if iterations else []))

    monkeypatch.setattr(hasher, "encode", counted)
    with pytest.raises(WrongCredentials):
        sign_in(request_of(), username, password)
    assert len(hashed) == 1
    assert hashed[0] in {None, 1000}

"""Taking back what lets a user in."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from accounts.models import ApiToken, AuditEntry, SecondFactor, Session, User
from accounts.people.access import KINDS, Access, access_of
from accounts.rights import Role
from containermonkey.encryption import encrypted
from tests.conftest import signed_in, somebody


@pytest.fixture
def otto(operator: User) -> User:
    """An operator with a session, a token and a second factor."""
    signed_in(operator)
    later = timezone.now() + timedelta(days=1)
    ApiToken.objects.create(
        user=operator, name="ci", role=Role.VIEWER, digest="d", start="cm_abc", expires_at=later
    )
    SecondFactor.objects.create(user=operator, secret=encrypted("JBSWY3DPEHPK3PXP"))
    return operator


def page_of(user: User, name: str) -> str:
    return f"/accounts/users/{user.pk}/access/{name}/"


LEFT = {
    "sessions": Access(sessions=0, tokens=1, second_factor=True),
    "tokens": Access(sessions=1, tokens=0, second_factor=True),
    "second-factor": Access(sessions=0, tokens=1, second_factor=False),
}


@pytest.mark.parametrize("name", KINDS)
def test_one_kind_goes_and_the_others_stay(name: str, admin_client: Client, otto):
    assert access_of(otto.pk) == Access(sessions=1, tokens=1, second_factor=True)
    assertContains(admin_client.get(page_of(otto, name)), KINDS[name].lost)
    assertRedirects(admin_client.post(page_of(otto, name)), f"/accounts/users/{otto.pk}/")
    assert access_of(otto.pk) == LEFT[name]
    line = AuditEntry.objects.get(details__why="by an administrator")
    assert "otto" in line.target


@pytest.mark.parametrize("name", KINDS)
def test_the_api_does_the_same(name: str, admin_client: Client, otto):
    answer = admin_client.delete(f"/api/user/{otto.pk}/access/{name}")
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert access_of(otto.pk) == LEFT[name]


def test_the_page_says_how_somebody_may_come_in(admin_client: Client, otto):
    page = admin_client.get(f"/accounts/users/{otto.pk}/")
    for kind in KINDS.values():
        assertContains(page, kind.label)
    assertContains(page, "Second factor")


def test_nobody_takes_from_themselves_nor_who_may_not(admin_client, admin, operator_client, otto):
    assert admin_client.post(page_of(admin, "sessions")).status_code == 409
    assert operator_client.post(page_of(admin, "sessions")).status_code == 403
    assert Session.objects.filter(user=admin).exists()


def test_who_may_less_takes_nothing_from_an_administrator(admin, db):
    deputy = somebody("dora", Role.VIEWER)
    deputy.user_permissions.add(Permission.objects.get(codename="manage"))
    signed_in(admin)
    assert signed_in(deputy).post(page_of(admin, "sessions")).status_code == 403
    assert Session.objects.filter(user=admin).exists()


def test_another_word_is_not_found(admin_client: Client, otto):
    assert admin_client.post(page_of(otto, "everything")).status_code == 404
    assert admin_client.delete(f"/api/user/{otto.pk}/access/everything").status_code == 404

"""Users and groups in Django's admin keep the same rules."""

import threading

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AuditEntry, User
from accounts.rights import Role
from tests.conftest import PASSWORD, signed_in, somebody

LIST = "/admin/accounts/user/"
GROUPS = "/admin/auth/group/"


def page_of(user: User, act: str = "change/") -> str:
    return f"{LIST}{user.pk}/{act}"


def form(user: User, **changes: object) -> dict[str, object]:
    """What the form of a user posts when it is saved as it is, with some changes."""
    fields = {"username": user.username, "groups": [group.pk for group in user.groups.all()]}
    switches = ("is_active", "is_staff", "is_superuser", "must_change_password")
    fields |= {name: "on" for name in switches if getattr(user, name)}
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def newest() -> AuditEntry:
    return AuditEntry.objects.order_by("-pk")[0]


def test_says_roles_and_filters_by_them(admin_client, operator, viewer):
    assertContains(admin_client.get(LIST), "Operator")
    page = admin_client.get(LIST, {"role": "viewer"})
    assertContains(page, "vera")
    assertNotContains(page, "otto")


def test_shows_no_hash_of_a_password(admin_client, operator):
    page = admin_client.get(page_of(operator)).content.decode()
    assert "otto" in page
    for part in ("md5", operator.password, operator.password.split("$")[1]):
        assert part not in page


def test_gives_users_and_passwords_on_our_own_pages(admin_client, operator):
    assertRedirects(admin_client.get(f"{LIST}add/"), "/accounts/users/new/")
    assertRedirects(admin_client.post(f"{LIST}add/", {"username": "x"}), "/accounts/users/new/")
    page = f"/accounts/users/{operator.pk}/password/"
    assertRedirects(admin_client.get(page_of(operator, "password/")), page)
    assertRedirects(admin_client.post(page_of(operator, "password/"), {"password1": "x"}), page)
    assert User.objects.get(pk=operator.pk).password == operator.password


def test_changes_are_written_down(admin_client, operator):
    night = Group.objects.create(name="Night shift")
    body = form(operator, groups=[night.pk], username="otis")
    assertRedirects(admin_client.post(page_of(operator), body), LIST)
    line = newest()
    assert (line.username, line.action, line.target) == ("ada", "user.change", "otto")
    assert line.details == {
        "where": "administration pages",
        "before": {"username": "otto", "groups": ["Operator"]},
        "after": {"username": "otis", "groups": ["Night shift"]},
    }
    assert operator.password not in str(vars(line))


def test_whoever_is_switched_off_is_signed_out_for_good(admin_client, operator):
    client = signed_in(operator)
    admin_client.post(page_of(operator), form(operator, is_active=None))
    admin_client.post(page_of(operator), form(operator, is_active="on"))
    assert client.get("/api/auth-status").json()["authenticated"] is False
    assert User.objects.get(pk=operator.pk).is_active


def test_nobody_changes_what_they_may_do_themselves(admin_client, admin):
    somebody("zoe", Role.ADMINISTRATOR)
    body = form(admin, is_active=None, is_staff=None, is_superuser=None, groups=None)
    assertRedirects(admin_client.post(page_of(admin), body), LIST)
    admin.refresh_from_db()
    assert admin.is_active and admin.is_superuser and admin.is_staff


def test_nobody_deletes_themselves(admin_client, admin):
    somebody("zoe", Role.ADMINISTRATOR)
    for answer in (
        admin_client.post(page_of(admin, "delete/"), {"post": "yes"}),
        admin_client.post(
            LIST, {"action": "delete_selected", "_selected_action": [admin.pk], "post": "yes"}
        ),
    ):
        assertContains(answer, "Nobody deletes themselves", status_code=409)
        assert (newest().action, newest().target, newest().result) == (
            "user.delete",
            "ada",
            "failed",
        )
    assert User.objects.filter(pk=admin.pk).exists()


@pytest.fixture
def last(admin):
    """The last administrator who can sign in, and a superuser who could do without: one whose
    session goes on although no password would open another."""
    zoe = User.objects.create_superuser("zoe")
    return admin, signed_in(zoe)


TAKING_AWAY = {
    "demoted": lambda user: (page_of(user), form(user, is_superuser=None, groups=None)),
    "switched off": lambda user: (page_of(user), form(user, is_active=None)),
    "deleted": lambda user: (page_of(user, "delete/"), {"post": "yes"}),
    "deleted with others": lambda user: (
        LIST,
        {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"},
    ),
}


@pytest.mark.parametrize("way", TAKING_AWAY)
def test_the_last_administrator_stays(last, way):
    user, client = last
    path, body = TAKING_AWAY[way](user)
    assertContains(client.post(path, body), "Nobody would be left", status_code=409)
    kept = User.objects.get(pk=user.pk)
    assert kept.is_active and kept.is_superuser
    assert (newest().target, newest().result) == ("ada", "failed")
    somebody("zora", Role.ADMINISTRATOR)
    assert client.post(path, body).status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", TAKING_AWAY)
def test_two_who_remove_each_other_at_once_leave_one(way):
    pair = [somebody(name, Role.ADMINISTRATOR) for name in ("one", "two")]
    asked = [(signed_in(by), *TAKING_AWAY[way](whom)) for by, whom in (pair, pair[::-1])]
    together, came = threading.Barrier(2), []

    def remove(client, path, body):
        together.wait(10)
        came.append(client.post(path, body).status_code)
        connection.close()

    threads = [threading.Thread(target=remove, args=each) for each in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The second was refused, or was no administrator any more by the time it was asked who asks.
    assert came[0] == 302 or came[1] == 302
    left = User.objects.filter(is_active=True, is_superuser=True)
    assert left.count() == 1


# Staff who are no superusers


@pytest.fixture
def staff_client(viewer):
    viewer.is_staff = True
    viewer.save()
    everything = Permission.objects.filter(content_type__app_label__in=["accounts", "auth"])
    viewer.user_permissions.set(everything)
    return signed_in(viewer)


def test_staff_look_and_cannot_raise_themselves(staff_client, viewer, admin):
    assert staff_client.get(LIST).status_code == 200
    own = page_of(viewer)
    assert staff_client.get(own).status_code == 200
    before = User.objects.filter(pk=viewer.pk).values()[0]
    for path, body in (
        (own, form(viewer, is_superuser="on")),
        (page_of(admin), form(admin, is_active=None)),
        (page_of(admin, "delete/"), {"post": "yes"}),
        (LIST, {"action": "delete_selected", "_selected_action": [admin.pk], "post": "yes"}),
        (f"{GROUPS}add/", {"name": "Kings"}),
    ):
        staff_client.post(path, body)
    group = Group.objects.create(name="Night shift")
    staff_client.post(f"{GROUPS}{group.pk}/change/", {"name": "Kings"})
    staff_client.post(f"{GROUPS}{group.pk}/delete/", {"post": "yes"})
    assert User.objects.filter(pk=viewer.pk).values()[0] == before
    assert User.objects.get(pk=admin.pk).is_active
    assert Group.objects.filter(name="Night shift").exists()
    assert not Group.objects.filter(name="Kings").exists()


# Groups


def test_changes_of_groups_are_written_down(admin_client):
    right = Permission.objects.get(codename="delete")
    admin_client.post(f"{GROUPS}add/", {"name": "Night shift", "permissions": [right.pk]})
    group = Group.objects.get(name="Night shift")
    assert (newest().action, newest().target) == ("group.create", "Night shift")
    assert newest().details["rights"] == ["delete"]
    admin_client.post(f"{GROUPS}{group.pk}/change/", {"name": "Day shift"})
    assert (newest().action, newest().target) == ("group.change", "Night shift")
    assert newest().details["after"] == {"name": "Day shift", "rights": []}
    admin_client.post(f"{GROUPS}{group.pk}/delete/", {"post": "yes"})
    assert (newest().action, newest().target) == ("group.delete", "Day shift")


@pytest.mark.parametrize("role", Role)
def test_the_groups_of_roles_are_left_alone(admin_client, role):
    group = Group.objects.get(name=role.value)
    assert admin_client.get(f"{GROUPS}{group.pk}/change/").status_code == 200
    admin_client.post(f"{GROUPS}{group.pk}/change/", {"name": "Kings"})
    admin_client.post(f"{GROUPS}{group.pk}/delete/", {"post": "yes"})
    admin_client.post(
        GROUPS, {"action": "delete_selected", "_selected_action": [group.pk], "post": "yes"}
    )
    assert Group.objects.get(pk=group.pk).name == role.value


def test_a_new_password_is_nowhere_in_the_trail(admin_client, operator):
    admin_client.post(
        page_of(operator), form(operator, password=PASSWORD, must_change_password="on")
    )
    assert PASSWORD not in "".join(str(vars(line)) for line in AuditEntry.objects.all())
    assert newest().details["after"] == {"must_change_password": True}

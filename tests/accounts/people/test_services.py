"""What may be done to users, by whom, and what is written down of it."""

import threading

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection

from accounts.audit import Actor, acting
from accounts.models import AuditEntry, User
from accounts.people.last import LastAdministrator
from accounts.people.queries import find_person
from accounts.people.services import (
    change_role,
    create_user,
    delete_user,
    rename_user,
    reset_password,
    switch_user,
)
from accounts.problems import UsernameTaken
from accounts.rights import Role, rights_of
from accounts.roles import give_role
from containermonkey.problems import Conflict, Invalid, NotAllowed, NotFound
from tests.conftest import PASSWORD, signed_in, somebody

pytestmark = pytest.mark.django_db


def newest() -> AuditEntry:
    return AuditEntry.objects.order_by("-pk")[0]


@pytest.fixture
def by_admin(admin):
    with acting(lambda: Actor.of(User.objects.get(pk=admin.pk), "192.0.2.7")):
        yield admin


@pytest.fixture
def manager(db):
    """Somebody who looks after users, and may nothing else but look."""
    user = User.objects.create_user("mara", password=PASSWORD)
    group = Group.objects.create(name="Front desk")
    group.permissions.set(Permission.objects.filter(codename__in=["see", "manage"]))
    user.groups.add(group)
    return user


def test_a_user_is_made_with_a_password_that_serves_once(by_admin):
    admission = create_user("nina", Role.OPERATOR)
    user = User.objects.get(username="nina")
    assert user.check_password(admission.password)
    assert len(admission.password) == 23 and admission.made
    assert user.must_change_password
    assert find_person(user.pk).role == Role.OPERATOR
    assert admission.password not in repr(admission)


def test_no_two_passwords_that_are_made_are_the_same(by_admin):
    made = {create_user(f"user{number}", Role.VIEWER).password for number in range(20)}
    assert len(made) == 20


def test_what_is_made_is_written_down_without_the_password(by_admin):
    admission = create_user("nina", Role.OPERATOR)
    line = newest()
    assert (line.username, line.action, line.target) == ("ada", "user.create", "nina")
    assert line.details == {"role": "Operator", "password_made": True}
    assert admission.password not in str(vars(line))


@pytest.mark.parametrize(
    ("username", "password", "field"),
    [
        ("", "", "username"),
        ("a b", "", "username"),
        ("nul\0", "", "username"),
        ("n" * 151, "", "username"),
        ("command line", "", "username"),
        ("nina", "short", "password"),
        ("nina", "monkeydo", "password"),
        ("nina", "password123", "password"),
        ("nina-the-operator", "nina-the-operator", "password"),
        ("nina", "p" * 5000, "password"),
    ],
)
def test_what_cannot_be_a_user_says_why(by_admin, username, password, field):
    with pytest.raises(Invalid) as said:
        create_user(username, Role.VIEWER, password)
    assert list(said.value.fields) == [field]
    assert list(User.objects.values_list("username", flat=True)) == ["ada"]


@pytest.mark.parametrize("username", ["ada", "Ada", "ADA"])
def test_two_names_that_could_be_taken_for_each_other_are_one(by_admin, username):
    with pytest.raises(UsernameTaken) as said:
        create_user(username, Role.VIEWER)
    assert list(said.value.fields) == ["username"]


@pytest.mark.parametrize("role", Role)
def test_a_role_takes_the_place_of_another(by_admin, operator, role):
    change_role(operator.pk, role)
    user = User.objects.get(pk=operator.pk)
    assert [group.name for group in user.groups.all()] == [role.value]
    assert user.is_superuser == user.is_staff == (role is Role.ADMINISTRATOR)
    assert newest().details == {"role": role.value, "before": "Operator"}


def test_groups_that_were_made_by_hand_stay(by_admin, operator):
    night = Group.objects.create(name="Night shift")
    operator.groups.add(night)
    person = change_role(operator.pk, Role.VIEWER)
    assert (person.role, person.groups) == (Role.VIEWER, ["Night shift"])


def test_whoever_has_only_such_a_group_has_no_role(manager):
    person = find_person(manager.pk)
    assert (person.role, person.groups, person.role_words) == (None, ["Front desk"], "Front desk")


def test_rights_of_ones_own_are_said(viewer):
    viewer.user_permissions.add(Permission.objects.get(codename="delete"))
    assert find_person(viewer.pk).role_words == "Viewer, rights of their own"


def test_a_demoted_user_loses_what_they_could_at_the_next_request(by_admin, operator, docker_host):
    client = signed_in(operator)
    gone = "/api/container/nobody/start"
    assert client.post(gone, content_type="application/json").status_code == 404
    change_role(operator.pk, Role.VIEWER)
    assert client.post(gone, content_type="application/json").status_code == 403


def test_whoever_is_switched_off_is_signed_out_for_good(by_admin, operator):
    client, other = signed_in(operator), signed_in(by_admin)
    switch_user(operator.pk, False)
    assert client.get("/api/auth-status").json()["authenticated"] is False
    switch_user(operator.pk, True)
    assert client.get("/api/auth-status").json()["authenticated"] is False
    assert other.get("/api/auth-status").json()["authenticated"] is True
    assert [line.details for line in AuditEntry.objects.filter(action="user.switch")] == [
        {"on": True},
        {"on": False},
    ]


def test_a_one_time_password_ends_sessions_and_has_to_be_changed(by_admin, operator):
    client = signed_in(operator)
    admission = reset_password(operator.pk)
    operator.refresh_from_db()
    assert operator.check_password(admission.password) and operator.must_change_password
    assert client.get("/api/auth-status").json()["authenticated"] is False
    assert admission.password not in str(vars(newest()))


def test_a_password_that_is_typed_in_is_looked_at(by_admin, operator):
    with pytest.raises(Invalid, match="too short"):
        reset_password(operator.pk, "short")
    assert not reset_password(operator.pk, "staple every llama").made


def test_a_user_is_renamed(by_admin, operator):
    assert rename_user(operator.pk, "otis").username == "otis"
    assert (newest().target, newest().details) == ("otto", {"to": "otis"})
    with pytest.raises(UsernameTaken):
        rename_user(operator.pk, "ADA")
    with pytest.raises(Invalid):
        rename_user(operator.pk, "o t t o")
    assert rename_user(operator.pk, "Otis").username == "Otis"


def test_a_deleted_user_is_gone_and_remains_in_the_trail(by_admin, operator):
    client = signed_in(operator)
    with acting(lambda: Actor.of(operator)):
        AuditEntry.objects.create(user=operator, username="otto", action="container.start")
    delete_user(operator.pk)
    assert client.get("/api/auth-status").json()["authenticated"] is False
    line = AuditEntry.objects.get(action="container.start")
    assert (line.user, line.username) == (None, "otto")
    with pytest.raises(NotFound):
        delete_user(operator.pk)


ON_ONESELF = [
    lambda key: change_role(key, Role.VIEWER),
    lambda key: switch_user(key, False),
    reset_password,
    delete_user,
]


@pytest.mark.parametrize("act", ON_ONESELF)
def test_nobody_shuts_themselves_out(by_admin, act):
    somebody("zoe", Role.ADMINISTRATOR)
    with pytest.raises(Conflict, match="ask another administrator"):
        act(by_admin.pk)
    assert signed_in(by_admin).get("/api/users").status_code == 200
    assert newest().result == "failed"


@pytest.mark.parametrize("act", [ON_ONESELF[0], ON_ONESELF[1], delete_user])
def test_the_last_administrator_stays(admin, act):
    # As the command line, which is nobody in particular.
    with pytest.raises(LastAdministrator):
        act(admin.pk)
    admin.refresh_from_db()
    assert admin.is_active and rights_of(admin) and find_person(admin.pk).role is Role.ADMINISTRATOR
    zoe = somebody("zoe", Role.ADMINISTRATOR)
    act(admin.pk)
    with pytest.raises(LastAdministrator):
        act(zoe.pk)


@pytest.mark.parametrize("act", [ON_ONESELF[0], ON_ONESELF[1], delete_user])
def test_another_who_cannot_sign_in_is_no_other_administrator(admin, act):
    off = somebody("off", Role.ADMINISTRATOR)
    User.objects.filter(pk=off.pk).update(is_active=False)
    locked_out = User.objects.create_user("locked")
    give_role(locked_out, Role.ADMINISTRATOR)
    with pytest.raises(LastAdministrator):
        act(admin.pk)


ROUNDS = 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [ON_ONESELF[0], ON_ONESELF[1], delete_user])
def test_two_administrators_who_remove_each_other_at_once_leave_one(act):
    for number in range(ROUNDS):
        one = somebody(f"one{number}", Role.ADMINISTRATOR)
        two = somebody(f"two{number}", Role.ADMINISTRATOR)
        User.objects.exclude(pk__in=[one.pk, two.pk]).update(is_active=False)
        together = threading.Barrier(2)
        came: list[str] = []

        def remove(by: User, whom: User, together=together, came=came) -> None:
            try:
                with acting(lambda: Actor.of(by)):
                    together.wait(10)
                    act(whom.pk)
                    came.append("done")
            except LastAdministrator:
                came.append("refused")
            finally:
                connection.close()

        threads = [threading.Thread(target=remove, args=pair) for pair in ((one, two), (two, one))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(came) == ["done", "refused"]


# Nobody decides for others on what they may not do themselves


def test_whoever_may_only_look_after_users_makes_nobody_more_than_themselves(manager, viewer):
    with acting(lambda: Actor.of(manager)):
        create_user("nina", Role.VIEWER)
        for role in (Role.OPERATOR, Role.ADMINISTRATOR):
            with pytest.raises(NotAllowed, match="may not do yourself"):
                create_user("nora", role)
            with pytest.raises(NotAllowed, match="may not do yourself"):
                change_role(viewer.pk, role)
    assert not User.objects.filter(username="nora").exists()


@pytest.mark.parametrize("act", [*ON_ONESELF, lambda key: rename_user(key, "gone")])
def test_and_does_nothing_to_those_who_may_more(manager, admin, operator, act):
    User.objects.filter(pk=operator.pk).update(is_active=False)
    with acting(lambda: Actor.of(manager)):
        for user in (admin, operator):
            with pytest.raises(NotAllowed, match="may not do yourself"):
                act(user.pk)


@pytest.mark.parametrize(
    "act",
    [*ON_ONESELF, lambda key: rename_user(key, "gone"), lambda key: create_user("x", Role.VIEWER)],
)
def test_others_do_none_of_it(viewer, operator, act):
    for user in (viewer, operator):
        with acting(lambda user=user: Actor.of(user)), pytest.raises(NotAllowed, match="manage"):
            act(viewer.pk)

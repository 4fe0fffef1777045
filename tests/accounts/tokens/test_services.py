"""What tokens are made of, whose they are and when they end."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.audit import Actor, acting
from accounts.models import ApiToken, AuditEntry, Right, User
from accounts.problems import WrongToken
from accounts.rights import Role, rights_of
from accounts.tokens import services
from accounts.tokens.services import delete_token, list_tokens, make_token, roles_for, user_of
from containermonkey.problems import Conflict, Invalid, NotFound

VIEWER, OPERATOR, ADMINISTRATOR = Role


def test_the_token_itself_is_kept_nowhere(make, operator):
    made = make(operator)
    row = ApiToken.objects.values().get()
    assert made.secret not in repr(row)
    assert len(row["digest"]) == 64
    assert made.secret.startswith(row["start"]) and len(row["start"]) == 7
    assert made.secret not in repr(made)
    assert made.secret not in repr(AuditEntry.objects.values_list("target", "details"))


def test_tokens_are_long_and_never_the_same(make, operator):
    secrets = {make(operator, name=f"script {number}").secret for number in range(10)}
    assert len(secrets) == 10
    assert all(services.SHAPE.fullmatch(secret) for secret in secrets)


def test_a_token_stands_for_its_user_with_the_rights_of_its_role(make, admin):
    user = user_of(make(admin, OPERATOR).secret, "192.0.2.1")
    assert user == admin
    assert user.token and user.token.name == "script"
    assert Right.ACT in rights_of(user)
    assert Right.DELETE not in rights_of(user)


def test_a_token_has_no_right_that_its_user_has_lost(make, operator):
    made = make(operator, OPERATOR)
    operator.groups.clear()
    operator.user_permissions.add(Permission.objects.get(codename="see"))
    assert rights_of(user_of(made.secret, "")) == {Right.SEE}


@pytest.mark.parametrize(
    ("person", "roles"),
    [
        ("viewer", [VIEWER]),
        ("operator", [VIEWER, OPERATOR]),
        ("admin", [VIEWER, OPERATOR, ADMINISTRATOR]),
    ],
)
def test_nobody_may_give_more_than_they_have(person, roles, request, make):
    user = request.getfixturevalue(person)
    assert roles_for(user) == roles
    for role in set(Role) - set(roles):
        with pytest.raises(Invalid) as refused:
            make(user, role)
        assert "role" in refused.value.fields
    assert not ApiToken.objects.exists()


def test_whoever_has_no_role_can_make_none(db):
    assert roles_for(User.objects.create_user("nobody")) == []


def end_by_time(made, user):
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def end_by_deleting(made, user):
    delete_token(user, made.token.pk)


def end_by_switching_the_user_off(made, user):
    User.objects.update(is_active=False)


def end_by_deleting_the_user(made, user):
    user.delete()


@pytest.mark.parametrize(
    "end",
    [end_by_time, end_by_deleting, end_by_switching_the_user_off, end_by_deleting_the_user],
    ids=lambda end: end.__name__,
)
def test_a_token_that_has_ended_is_not_let_in(end, make, operator):
    made = make(operator)
    assert user_of(made.secret, "") == operator
    end(made, operator)
    with pytest.raises(WrongToken):
        user_of(made.secret, "")


def test_a_token_outlives_a_change_of_the_password(make, operator):
    made = make(operator)
    operator.set_password("staple every llama")
    operator.save()
    assert user_of(made.secret, "") == operator


@pytest.mark.parametrize(
    "secret", ["", "cm_", "x", "cm_" + "0" * 64, "cm_" + "g" * 64, "\udcff", "cm_" + "0" * 10_000]
)
def test_what_is_no_token_is_not_let_in(secret, make, operator):
    make(operator)
    with pytest.raises(WrongToken):
        user_of(secret, "")


def test_a_hash_from_the_database_is_no_token(make, operator):
    make(operator)
    with pytest.raises(WrongToken):
        user_of(ApiToken.objects.get().digest, "")


@pytest.mark.parametrize("left", [timedelta(seconds=-1), timedelta(days=367), timedelta(days=9999)])
def test_a_token_ends_within_a_year(left, operator):
    with pytest.raises(Invalid) as refused:
        make_token(operator, "script", VIEWER, timezone.now() + left)
    assert set(refused.value.fields) == {"expires_at"}


@pytest.mark.parametrize("name", ["", "  ", "a" * 101, "a\0b", "a\nb", "a\u202eb", "\ud800"])
def test_a_name_is_a_line_of_text(name, operator):
    with pytest.raises(Invalid) as refused:
        make_token(operator, name, VIEWER, timezone.now() + timedelta(days=1))
    assert set(refused.value.fields) == {"name"}


def test_two_tokens_of_one_user_have_two_names(make, operator, viewer):
    make(operator)
    make(viewer)
    with pytest.raises(Conflict) as refused:
        make(operator)
    assert "name" in refused.value.fields


def test_there_is_an_end_to_how_many(make, operator, monkeypatch):
    monkeypatch.setattr(services, "MOST", 2)
    make(operator, name="one")
    make(operator, name="two")
    with pytest.raises(Conflict, match="2 tokens"):
        make(operator, name="three")


def test_other_peoples_tokens_are_not_there(make, operator, admin):
    made = make(operator)
    assert not list_tokens(admin)
    with pytest.raises(NotFound):
        delete_token(admin, made.token.pk)
    assert user_of(made.secret, "") == operator


def test_the_last_use_is_written_down_once_a_minute(make, operator, django_assert_num_queries):
    secret = make(operator).secret
    user_of(secret, "192.0.2.1")
    first = ApiToken.objects.get()
    assert first.last_address == "192.0.2.1"
    assert timezone.now() - first.last_used_at < timedelta(seconds=10)
    with django_assert_num_queries(2):  # the token, and the rights of its user
        user_of(secret, "192.0.2.2")
    assert ApiToken.objects.get().last_address == "192.0.2.1"
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    user_of(secret, "192.0.2.2")
    assert ApiToken.objects.get().last_address == "192.0.2.2"


def test_making_and_deleting_are_in_the_audit_trail(make, operator):
    with acting(lambda: Actor.of(operator, "192.0.2.7")):
        delete_token(operator, make(operator).token.pk)
    lines = AuditEntry.objects.order_by("pk").values_list("username", "action", "target", "result")
    assert list(lines) == [
        ("otto", "token.create", "script", "done"),
        ("otto", "token.delete", "script", "done"),
    ]


def test_all_of_a_user_can_be_deleted_at_once(make, operator, viewer):
    make(operator, name="one")
    make(operator, name="two")
    make(viewer)
    assert services.delete_tokens(operator, "the account was taken back") == 2
    assert ApiToken.objects.get().user == viewer
    assert AuditEntry.objects.first().details["deleted"] == 2

"""Who comes from the provider is signed in as with a password, as the user of their subject."""

import re

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AuditEntry, Identity, Session, User
from accounts.people.queries import find_person
from accounts.rights import Role
from accounts.roles import give_role
from tests.accounts.oidc.conftest import BEGIN, RETURN, path_of

PAGE = "/accounts/sign-in/"
pytestmark = pytest.mark.django_db


def role_of(user: User) -> Role | None:
    return find_person(user.pk).role


def test_without_settings_there_is_none(stranger_client):
    assertNotContains(stranger_client.get(PAGE), "/oidc/")
    for address in (BEGIN, RETURN):
        assert stranger_client.get(address).status_code == 404


def test_the_sign_in_page_has_a_link_and_asks_the_provider_nothing(configure, provider):
    configure()
    answer = Client().get(PAGE, {"next": "/backups/?page=2&sort=name"})
    assertContains(answer, "Sign in with Our Cloud")
    link = re.search(r'href="(/accounts/oidc/[^"]*)"', answer.content.decode())
    assert link and link[1] == "/accounts/oidc/?next=%2Fbackups%2F%3Fpage%3D2%26sort%3Dname"
    assert provider.seen == []


def test_a_provider_that_is_down_keeps_nobody_with_a_password_out(configure, provider, admin):
    configure(issuer="http://127.0.0.1:9")
    body = {"username": "ada", "password": "correct horse battery"}
    assertRedirects(Client().post(PAGE, body), "/", fetch_redirect_response=False)


def test_somebody_new_is_made_and_signed_in(come, provider):
    client = Client()
    answer = come(client, next="/jobs/?page=2")
    assertRedirects(answer, "/jobs/?page=2", fetch_redirect_response=False)
    user = User.objects.get()
    assert (user.username, role_of(user), user.has_usable_password()) == (
        *("grace", Role.OPERATOR, False),
    )
    identity = Identity.objects.get()
    assert (identity.user, identity.issuer, identity.subject) == (user, provider.url, "4711")
    assert client.get("/api/auth-status").json()["username"] == "grace"


def test_the_session_is_one_of_ours(come):
    client = Client()
    client.get(BEGIN)
    before = client.session.session_key
    come(client)
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()
    session = Session.objects.get(user__isnull=False)
    assert (session.user.username, session.address) == ("grace", "127.0.0.1")
    assert "oidc_begun" not in session.get_decoded()
    assertContains(client.get("/accounts/sessions/"), "127.0.0.1")


def test_the_trail_says_how_somebody_signed_in(come, provider):
    come()
    lines = [(e.action, e.target, e.result, e.details) for e in AuditEntry.objects.order_by("pk")]
    assert lines == [
        ("user.create", "grace", "done", {"role": "Operator", "provider": provider.url}),
        ("account.sign_in", "grace", "done", {"provider": provider.url}),
    ]
    assert AuditEntry.objects.get(action="account.sign_in").username == "grace"


def test_the_same_person_is_the_same_user_whatever_they_are_called(come, provider):
    come()
    provider.person |= {"preferred_username": "hopper", "email": "other@example.org"}
    come()
    assert User.objects.get().username == "grace"


@pytest.mark.parametrize(
    "change",
    [{"sub": "4712"}, {"sub": "4712", "email": "grace@example.org", "email_verified": True}],
)
def test_another_person_with_the_same_name_is_another_user(come, provider, change):
    provider.person["email"] = "grace@example.org"
    come()
    provider.person |= change
    come()
    assert sorted(User.objects.values_list("username", flat=True)) == ["grace", "grace-2"]


def test_another_provider_with_the_same_subject_is_somebody_else(come, provider):
    old = User.objects.create(username="old")
    Identity.objects.create(user=old, issuer="https://old.example.org", subject="4711")
    come()
    assert Identity.objects.get(issuer=provider.url).user.username == "grace"


def test_a_name_that_somebody_has_here_is_not_taken_over(come, provider, admin):
    admin.email = provider.person["email"] = "ada@example.org"
    admin.save()
    provider.person |= {"preferred_username": "ADA", "groups": ["guests"]}
    client = Client()
    come(client)
    assert client.get("/api/auth-status").json()["username"] == "ADA-2"
    assert role_of(User.objects.get(username="ADA-2")) is Role.VIEWER
    admin.refresh_from_db()
    assert admin.has_usable_password() and not hasattr(admin, "identity")


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": "Grace Hopper"}, "Grace-Hopper"),
        ({"preferred_username": "", "email": "g@example.org"}, "g@example.org"),
        ({"preferred_username": None, "name": "Grace"}, "Grace"),
        ({"preferred_username": ["grace"]}, "user"),
        ({"preferred_username": "<script>\u202e\0\ud800"}, "script"),
        ({"preferred_username": "x" * 5000}, "x" * 140),
        ({"preferred_username": "///"}, "user"),
        ({"preferred_username": "\u3164gra\uff41ce\u115f\uffa0"}, "graace"),
    ],
)
def test_a_name_is_made_of_what_there_is(come, provider, claims, name):
    provider.person |= claims
    come()
    assert User.objects.get().username == name


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["guests"], Role.VIEWER),
        (["ops", "guests", "others"], Role.OPERATOR),
        (["guests", "Chief Ops"], Role.ADMINISTRATOR),
        ("admins", Role.ADMINISTRATOR),
        ([{"name": "admins"}, 7, None, "guests"], Role.VIEWER),
    ],
)
def test_the_largest_role_of_the_groups_counts(come, provider, groups, role):
    provider.person["groups"] = groups
    come()
    assert role_of(User.objects.get()) is role


def test_a_claim_may_lie_in_another(come, provider, configure):
    configure(roles_claim="realm_access.roles")
    provider.person["realm_access"] = {"roles": ["admins"]}
    come()
    assert role_of(User.objects.get()) is Role.ADMINISTRATOR


def test_groups_may_be_told_only_to_who_asks(come, provider):
    del provider.person["groups"]
    provider.told = {"groups": ["admins"], "preferred_username": "not this one"}
    come()
    user = User.objects.get()
    assert (user.username, role_of(user)) == ("grace", Role.ADMINISTRATOR)


def test_the_role_is_kept_up_at_each_sign_in(come, provider):
    come()
    provider.person["groups"] = ["guests"]
    come()
    assert role_of(User.objects.get()) is Role.VIEWER
    changed = AuditEntry.objects.get(action="user.change_role")
    assert changed.details == {
        **{"role": "Viewer", "before": "Operator"},
        "provider": provider.url,
    }


def test_who_is_in_no_group_is_refused_and_not_made(come, provider):
    provider.person["groups"] = ["others"]
    client = Client()
    answer = come(client, next="/jobs/")
    assertContains(answer, "you are in no group that may be here", status_code=403)
    assertContains(answer, 'href="/accounts/oidc/?next=%2Fjobs%2F"', status_code=403)
    assert not User.objects.exists()
    assert not client.get("/api/auth-status").json()["authenticated"]
    line = AuditEntry.objects.get()
    assert (line.action, line.result, line.details["subject"]) == (
        *("account.sign_in", "failed", "4711"),
    )


def test_who_is_in_no_group_any_more_loses_role_and_sessions(come, provider):
    client = Client()
    come(client)
    provider.person["groups"] = []
    assert come().status_code == 403
    assert not client.get("/api/auth-status").json()["authenticated"]
    assert role_of(User.objects.get()) is None
    assert AuditEntry.objects.get(action="user.change_role").details["before"] == "Operator"


def test_without_groups_in_the_settings_the_role_is_given_here(come, provider, configure):
    configure(viewers=[], operators=[], administrators=[], default_role="viewer")
    come()
    user = User.objects.get()
    assert role_of(user) is Role.VIEWER
    give_role(user, Role.OPERATOR)
    come()
    assert role_of(user) is Role.OPERATOR


def test_a_default_role_is_for_whoever_is_in_no_group(come, provider, configure):
    configure(default_role="viewer")
    provider.person["groups"] = []
    come()
    assert role_of(User.objects.get()) is Role.VIEWER


def test_who_is_switched_off_stays_out(come, provider):
    come()
    User.objects.update(is_active=False)
    client = Client()
    assertContains(come(client), "Your user here is switched off", status_code=403)
    assert not client.get("/api/auth-status").json()["authenticated"]
    failed = AuditEntry.objects.get(result="failed")
    assert (failed.action, failed.target) == ("account.sign_in", "grace")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "jobs/", ""])
def test_leads_to_no_other_host(come, target):
    assertRedirects(come(next=target), "/", fetch_redirect_response=False)


def test_sends_on_who_is_signed_in(come, provider, admin_client):
    answer = admin_client.get(BEGIN, {"next": "/jobs/"})
    assertRedirects(answer, "/jobs/", fetch_redirect_response=False)
    back = path_of(provider.way_back(Client().get(BEGIN).url))
    assertRedirects(admin_client.get(back), "/", fetch_redirect_response=False)
    assert admin_client.get("/api/auth-status").json()["username"] == "ada"


def test_the_addresses_are_asked_for_once(come, provider):
    come()
    come()
    assert provider.seen.count("/.well-known/openid-configuration") == 1
    assert provider.seen.count("/jwks") == 1


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
def test_what_is_on_this_machine_is_asked_without_a_proxy(come, monkeypatch, variable):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable.lower(), "http://127.0.0.1:9")
    assert come().status_code == 302


def test_two_tabs_may_be_signing_in(configure, provider):
    configure()
    client = Client()
    first, second = (client.get(BEGIN, {"next": page}) for page in ("/jobs/", "/backups/"))
    client.get(path_of(provider.way_back(second.url)))
    assert client.get("/api/auth-status").json()["username"] == "grace"
    answer = client.get(path_of(provider.way_back(first.url)))
    assertRedirects(answer, "/", fetch_redirect_response=False)

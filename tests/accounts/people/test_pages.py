"""The users' pages."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AuditEntry, User
from accounts.people import queries
from accounts.rights import Role
from tests.conftest import PASSWORD, signed_in, somebody

LIST = "/accounts/users/"


def page_of(user: User, act: str = "") -> str:
    return f"{LIST}{user.pk}/{act}"


def names(answer) -> list[str]:
    return [person.username for person in answer.context["page"]]


def test_needs_a_session(stranger_client):
    assertRedirects(stranger_client.get(LIST), "/accounts/sign-in/?next=%2Faccounts%2Fusers%2F")


def test_are_for_administrators(operator_client, viewer_client, viewer):
    for client in (operator_client, viewer_client):
        for path in (LIST, page_of(viewer), f"{LIST}new/", page_of(viewer, "password/")):
            assertContains(client.get(path), "right to manage users", status_code=403)


def test_the_sidebar_shows_them_to_all_and_leads_there_who_may(admin_client, viewer_client):
    assertContains(admin_client.get("/jobs/"), f'<a href="{LIST}">')
    page = viewer_client.get("/jobs/")
    assertNotContains(page, LIST)
    assertContains(page, 'aria-disabled="true" title="Takes the right to manage users')


def test_lists_users_with_what_they_are(admin_client, admin, operator):
    User.objects.filter(pk=operator.pk).update(is_active=False, must_change_password=True)
    page = admin_client.get(LIST)
    assert names(page) == ["ada", "otto"]
    for words in ("Administrator", "Operator", "Active", "Off", "To be changed", "Never", "You"):
        assertContains(page, words)


def test_searches_and_sorts(admin_client, operator, viewer):
    assert names(admin_client.get(LIST, {"search": "OT to"})) == ["otto"]
    assert names(admin_client.get(LIST, {"role": "viewer"})) == ["vera"]
    assert names(admin_client.get(LIST, {"role": "none"})) == []
    assert names(admin_client.get(LIST, {"sort": "role"})) == ["vera", "otto", "ada"]
    assert names(admin_client.get(LIST, {"sort": "-name"})) == ["vera", "otto", "ada"]
    assert names(admin_client.get(LIST, {"sort": "-last"})) == ["ada", "otto", "vera"]
    assert names(admin_client.get(LIST, {"sort": "nothing\0", "page": "x"})) == [
        *("ada", "otto", "vera")
    ]
    assertContains(admin_client.get(LIST, {"search": "nul\0"}), "Nothing matches")


def test_comes_in_pages_and_its_cost_does_not_grow(
    admin_client, monkeypatch, django_assert_max_num_queries
):
    for number in range(60):
        somebody(f"user{number:02}", Role.VIEWER)
    page = admin_client.get(LIST)
    assert len(names(page)) == queries.PAGE_SIZE
    assertContains(page, "1–50 of 61")
    assert len(names(admin_client.get(LIST, {"page": "2"}))) == 11
    with django_assert_max_num_queries(15):
        admin_client.get(LIST)


def test_answers_htmx_with_the_list_alone(admin_client):
    page = admin_client.get(LIST, headers={"HX-Request": "true"})
    assertContains(page, 'id="users"')
    assertNotContains(page, "<html")


def test_makes_a_user_and_shows_the_password_once(admin_client):
    answer = admin_client.post(f"{LIST}new/", {"username": "nina", "role": "Operator"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    user = User.objects.get(username="nina")
    password = answer.context["password"]
    assertContains(answer, password)
    assert user.check_password(password) and user.must_change_password
    assertNotContains(admin_client.get(page_of(user)), password)


def test_a_new_user_has_to_change_the_password_first(admin_client, stranger_client):
    answer = admin_client.post(f"{LIST}new/", {"username": "nina", "role": "Viewer"})
    given = {"username": "nina", "password": answer.context["password"]}
    assertRedirects(
        stranger_client.post("/accounts/sign-in/", given), "/", fetch_redirect_response=False
    )
    assertRedirects(stranger_client.get("/containers/"), "/accounts/password/")


def test_a_password_that_was_typed_in_is_not_shown(admin_client):
    body = {"username": "nina", "role": "Viewer", "password": "staple every llama"}
    answer = admin_client.post(f"{LIST}new/", body)
    user = User.objects.get(username="nina")
    assertRedirects(answer, page_of(user))
    assert user.check_password("staple every llama")


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        ({"role": "Viewer"}, "username", "Enter a user name."),
        ({"username": "nina"}, "role", "Choose a role."),
        ({"username": "nina", "role": "King"}, "role", "not one of the available choices"),
        ({"username": "ada", "role": "Viewer"}, "username", "already a user named ada"),
        ({"username": "n", "role": "Viewer", "password": "x"}, "password", "too short"),
    ],
)
def test_says_what_is_wrong_beside_the_field(admin_client, body, field, sentence):
    answer = admin_client.post(f"{LIST}new/", body)
    assertContains(answer, sentence, status_code=422)
    assert sentence in answer.context["form"].errors[field][0]
    assert User.objects.count() == 1


def test_changes_a_role(admin_client, operator):
    assertContains(admin_client.get(page_of(operator, "role/")), 'value="Operator" checked')
    answer = admin_client.post(page_of(operator, "role/"), {"role": "Viewer"}, follow=True)
    assertContains(answer, "otto is Viewer now.")


def test_switches_off_and_on(admin_client, operator):
    page = page_of(operator, "switch/")
    assertContains(admin_client.get(page), "can no longer sign in")
    assertContains(admin_client.post(page, {"on": "0"}, follow=True), "switched off and signed out")
    assertContains(admin_client.get(page), "with the password that they had")
    assertContains(admin_client.post(page, {"on": "1"}, follow=True), "can sign in again")


def test_gives_a_one_time_password(admin_client, operator):
    answer = admin_client.post(page_of(operator, "password/"), {})
    operator.refresh_from_db()
    assert operator.check_password(answer.context["password"])
    assert "no-store" in answer["Cache-Control"]


def test_renames(admin_client, operator):
    answer = admin_client.post(page_of(operator, "rename/"), {"username": "otis"}, follow=True)
    assertContains(answer, "otto is called otis now.")


def test_deletes_whoever_is_named(admin_client, operator):
    page = page_of(operator, "delete/")
    assertContains(admin_client.get(page), "in the audit trail, with their name")
    assertContains(admin_client.post(page, {"confirm": "otta"}), "Type otto", status_code=422)
    assertContains(admin_client.post(page, {"confirm": "otto"}, follow=True), "Deleted the user")
    assert not User.objects.filter(pk=operator.pk).exists()
    assertContains(admin_client.get(page), "no such user any more", status_code=404)


def test_offers_nobody_to_shut_themselves_out(admin_client, admin):
    page = admin_client.get(page_of(admin))
    assertContains(page, "This is you")
    for act in ("role/", "switch/", "password/", "delete/"):
        assertNotContains(page, page_of(admin, act))
    body = {"confirm": "ada", "role": "Viewer"}
    for act in ("role/", "password/", "delete/"):
        answer = admin_client.post(page_of(admin, act), body)
        assertContains(answer, "ask another administrator", status_code=422)
    answer = admin_client.post(page_of(admin, "switch/"), {"on": "0"})
    assertContains(answer, "ask another administrator", status_code=409)


def test_an_open_page_of_a_demoted_administrator_does_nothing_more(admin_client, viewer):
    zoe = somebody("zoe", Role.ADMINISTRATOR)
    hers = signed_in(zoe)
    assert hers.get(page_of(viewer, "role/")).status_code == 200
    admin_client.post(page_of(zoe, "role/"), {"role": "Operator"})
    answer = hers.post(page_of(viewer, "role/"), {"role": "Administrator"})
    assert answer.status_code == 403
    refused = AuditEntry.objects.order_by("-pk")[0]
    assert (refused.username, refused.action, refused.result) == (
        *("zoe", "user.change_role"),
        "failed",
    )


def test_names_are_text(admin_client):
    User.objects.create_user("<b>x</b>", password=PASSWORD)
    assertNotContains(admin_client.get(LIST), "<b>x</b>")

"""The pages of the audit trail."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AuditEntry
from accounts.trail import services
from tests.accounts.trail.lines import add_line

LIST = "/accounts/audit/"


def targets(answer) -> list[str]:
    return [row.line.target for row in answer.context["rows"]]


def test_needs_a_session(stranger_client):
    assertRedirects(stranger_client.get(LIST), "/accounts/sign-in/?next=%2Faccounts%2Faudit%2F")


def test_is_for_administrators(operator_client, viewer_client):
    line = add_line()
    for client in (operator_client, viewer_client):
        for path in (LIST, f"{LIST}{line.pk}/", f"{LIST}export/"):
            assertContains(client.get(path), "and the audit trail, which", status_code=403)


def test_says_below_the_menu_who_is_signed_in_whoever_is_asked_for(admin_client):
    for address in (LIST, f"{LIST}?user=otto", "/accounts/users/?role=viewer"):
        page = admin_client.get(address)
        assertContains(page, "<b>ada</b>", html=True)
        assertContains(page, "<small>Administrator</small>", html=True)


def test_lists_lines_the_newest_first(admin_client):
    add_line(0, target="web", address="192.0.2.7", username="otto")
    add_line(1, target="<b>db</b>", result="failed", problem="The port is taken.", username="")
    page = admin_client.get(LIST)
    assert targets(page) == ["<b>db</b>", "web"]
    for words in (
        *("container.start", "otto", "192.0.2.7", "Failed", "Done", "The port is taken."),
        *("Nobody signed in", "1 Mar 2026, 12:01:00"),
    ):
        assertContains(page, words)
    assertNotContains(page, "<b>db</b>")


def test_goes_on_from_page_to_page_and_back(admin_client, monkeypatch):
    monkeypatch.setattr(
        services.read_page, "__kwdefaults__", {**services.read_page.__kwdefaults__, "size": 2}
    )
    for number in range(5):
        add_line(number, target=str(number))
    add_line(9, target="other", username="otto")
    page = admin_client.get(LIST, {"user": "ada"})
    assert targets(page) == ["4", "3"]
    page = admin_client.get(page.context["older"])
    assert targets(page) == ["2", "1"]
    assert targets(admin_client.get(page.context["newer"])) == ["4", "3"]
    page = admin_client.get(page.context["older"])
    assert (targets(page), page.context["older"]) == (["0"], "")


def test_finds_by_its_fields_and_keeps_them(admin_client):
    add_line(0, target="web")
    add_line(1, target="db")
    page = admin_client.get(LIST, {"target": "d*", "since": "2026-03-01T12:00", "result": "done"})
    assert targets(page) == ["db"]
    for words in ('value="d*"', 'value="2026-03-01T12:00"', '<option value="done" selected>'):
        assertContains(page, words)
    assertContains(page, "/accounts/audit/export/?target=d%2A&amp;result=done&amp;since=2026")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"since": "tomorrow"}, "must be a time such as"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "must not be before since"),
        ({"result": "x"}, "must be done or failed"),
        ({"act": "\0"}, "cannot hold such a character"),
    ],
)
def test_says_what_is_wrong_beside_the_field(admin_client, query, sentence):
    add_line()
    page = admin_client.get(LIST, query)
    assertContains(page, sentence, status_code=422)
    assertContains(page, "No lines are shown", status_code=422)
    assert targets(page) == []


def test_refuses_a_place_that_nobody_gave(admin_client):
    assert admin_client.get(LIST, {"before": "x"}).status_code == 400


def test_says_that_nothing_fits_and_that_nothing_is_there(admin_client):
    assertContains(admin_client.get(LIST), "Nothing is written down yet")
    add_line()
    page = admin_client.get(LIST, {"user": "nobody"})
    assertContains(page, "Nothing matches “nobody”")


def test_tells_everything_of_a_line(admin_client):
    line = add_line(result="failed", problem="It is <gone>.", details={"id": "<4f>", "force": True})
    page = admin_client.get(f"{LIST}{line.pk}/")
    assertContains(page, "It is &lt;gone&gt;.")
    assertContains(page, "&quot;id&quot;: &quot;&lt;4f&gt;&quot;")
    assertContains(page, "1 Mar 2026, 12:00:00 UTC")
    assertContains(admin_client.get(f"{LIST}999999/"), "no such line", status_code=404)


def test_has_no_address_that_changes_anything(admin_client):
    line = add_line()
    for path in (LIST, f"{LIST}{line.pk}/", f"{LIST}export/"):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(admin_client, method)(path).status_code == 405
    assert AuditEntry.objects.get().target == "web"


def test_costs_the_same_however_many_lines_there_are(admin_client, django_assert_max_num_queries):
    for number in range(60):
        add_line(number)
    with django_assert_max_num_queries(12):
        assert len(admin_client.get(LIST).context["rows"]) == services.PAGE_SIZE

"""/containers/"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from containers import annotations, overview
from containers import overview as overview_module
from tests.engine_calls import recorded_calls
from tests.waiting import wait_for

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _nothing_seen_before(monkeypatch):
    monkeypatch.setattr(overview, "_seen", {})


@pytest.fixture
def last_backups(monkeypatch) -> dict[str, datetime]:
    """What another app would know of backups."""
    known: dict[str, datetime] = {}
    monkeypatch.setattr(annotations, "_last_backups", lambda: known)
    return known


def shown(client: Client, query: str = "", **headers) -> list[str]:
    """The names of the rows, in their order."""
    page = client.get(f"/containers/{query}", headers=headers).content.decode()
    return re.findall(r'<a href="/containers/([^/"]+)/">', page)


def test_the_rows_say_what_is_there(client, make_container):
    make_container(
        "web",
        ports=[80],
        host={"port_bindings": {80: 8080}},
        labels={"com.docker.compose.project": "shop"},
    )
    answer = client.get("/containers/", headers={"host": "nas.lan:6660"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "busybox:test" in page
    assert "Running" in page
    assert 'href="http://nas.lan:8080"' in page
    assert 'href="/containers/?stack=shop"' in page
    assert 'formaction="/containers/web/stop/"' in page
    assert 'formaction="/containers/web/restart/"' in page
    assert 'href="/backups/create/web/"' in page
    assert re.search(r'href="/containers/[0-9a-f]{64}/delete/"', page)
    assert "1 on " in page


def test_a_stranger_is_sent_to_sign_in(stranger_client):
    answer = stranger_client.get("/containers/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/sign-in/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["crashed", "fresh", "ill", "web"]),
        ("?state=running", ["ill", "web"]),
        ("?state=stopped", ["crashed", "fresh"]),
        ("?state=trouble", ["crashed", "ill"]),
        ("?state=nonsense", ["crashed", "fresh", "ill", "web"]),
        ("?search=we", ["web"]),
        ("?stack=shop", ["ill"]),
        ("?sort=-name", ["web", "ill", "fresh", "crashed"]),
        ("?sort=state", ["fresh", "ill", "web", "crashed"]),
        ("?sort=nonsense", ["crashed", "fresh", "ill", "web"]),
        ("?state=running&search=we&stack=&sort=-name", ["web"]),
    ],
)
def test_the_list_is_narrowed_and_sorted(admin_client, docker, make_container, query, found):
    make_container("web")
    make_container("fresh", start=False)
    make_container("crashed", command=["false"])
    make_container(
        "ill",
        labels={"com.docker.compose.project": "shop"},
        healthcheck={"test": ["CMD", "false"], "interval": 100_000_000, "retries": 1},
    )

    def settled() -> bool:
        states = {c["Names"][0]: c["Status"] for c in docker.containers(all=True)}
        return "Exited" in states["/crashed"] and "unhealthy" in states["/ill"]

    wait_for(settled, "the containers to be in their states")
    assert shown(admin_client, query) == found
    assert shown(admin_client, query, **HTMX) == found


def test_tabs_count_what_search_and_stack_leave(admin_client, make_container):
    make_container("web-1")
    make_container("web-2", start=False)
    make_container("db", start=False)
    seen = overview.overview(search="web", state="running")
    assert {group.title: group.count for group in seen.groups} == {
        "All": 2,
        "Running": 1,
        "Stopped": 1,
        "Trouble": 0,
    }
    assert (seen.total, seen.running) == (3, 1)
    page = admin_client.get("/containers/?search=web&state=running").content.decode()
    assert 'href="?search=web&amp;state=stopped"' in page


def test_the_column_that_sorts_says_so(admin_client, make_container):
    make_container("web", start=False)
    page = admin_client.get("/containers/?sort=-state&search=w").content.decode()
    head = next(th for th in re.findall(r"<th.*?</th>", page, re.DOTALL) if "aria-sort" in th)
    assert 'aria-sort="descending"' in head
    assert "State" in head
    assert "search=w&amp;sort=state" in head or "sort=state&amp;search=w" in head


def test_last_backups_are_shown_and_sorted_by(admin_client, make_container, last_backups):
    for name in ("never", "old", "new"):
        make_container(name, start=False)
    last_backups["old"] = datetime.now(UTC) - timedelta(days=2, minutes=1)
    last_backups["new"] = datetime.now(UTC) - timedelta(hours=2, minutes=1)
    last_backups["gone"] = datetime.now(UTC)
    page = admin_client.get("/containers/").content.decode()
    assert "2 d ago" in page
    assert "2 h ago" in page
    assert page.count("Never") == 1
    assert shown(admin_client, "?sort=backup") == ["never", "old", "new"]
    assert shown(admin_client, "?sort=-backup") == ["new", "old", "never"]


def test_an_empty_host_says_what_belongs_here(admin_client, engine):
    page = admin_client.get("/containers/").content.decode()
    assert "No containers yet" in page
    assert "<table" not in page


def test_nothing_found_names_the_words_and_a_way_back(admin_client, make_container):
    make_container("web", start=False)
    page = admin_client.get("/containers/?search=%3Cb%3Ezzz").content.decode()
    assert "Nothing matches “&lt;b&gt;zzz”" in page
    assert 'href="/containers/"' in page
    assert "<table" not in page


def test_an_engine_that_is_down_at_first_is_said_so(admin_client, engine):
    engine.kill()
    answer = admin_client.get("/containers/")
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "The Docker Engine does not answer" in page
    assert "Try again" in page
    assert "No containers yet" not in page


def test_an_engine_that_goes_down_leaves_its_last_answer(admin_client, engine, make_container):
    make_container("web", start=False)
    assert shown(admin_client) == ["web"]
    engine.kill()
    answer = admin_client.get("/containers/?search=w")
    page = answer.content.decode()
    assert answer.status_code == 503
    assert shown(admin_client, "?search=w") == ["web"]
    assert shown(admin_client, "?search=zzz") == []
    assert 'role="alert"' in page
    assert "engine-down" in page
    assert "It last answered" in page
    engine.start()
    answer = admin_client.get("/containers/")
    assert answer.status_code == 200
    assert "engine-down" not in answer.content.decode()


def test_htmx_gets_the_fragment_alone(admin_client, make_container, engine):
    make_container("web", start=False)
    answer = admin_client.get("/containers/?search=w", headers=HTMX)
    page = answer.content.decode()
    assert "<html" not in page
    assert 'id="containers"' in page
    assert 'data-hx-get="/containers/?search=w"' in page
    assert 'id="container-facts" data-hx-swap-oob' in page
    assert "HX-Request" in answer["Vary"]
    engine.kill()
    assert admin_client.get("/containers/", headers=HTMX).status_code == 200


def test_hostile_names_and_labels_are_plain_text(admin_client, make_container):
    label = "\"><script>alert('1')</script>"
    make_container("web", start=False, labels={"com.docker.compose.project": label, "items": label})
    for path in ("/containers/", "/containers/web/"):
        page = admin_client.get(path).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_the_cost_does_not_grow_with_the_rows(
    admin_client, make_container, django_assert_max_num_queries
):
    admin_client.get("/containers/")
    for number in range(3):
        make_container(f"web-{number}", start=False)
        with django_assert_max_num_queries(5), recorded_calls() as calls:
            page = admin_client.get("/containers/").content.decode()
        assert page.count("<tr id=") == number + 1
        assert len(calls) == 1


def test_many_containers_come_in_pages(admin_client, make_container, monkeypatch):
    monkeypatch.setattr(overview_module, "PAGE_SIZE", 2)
    for name in ("a1", "b2", "c3"):
        make_container(name, start=False)
    page = admin_client.get("/containers/").content.decode()
    assert ("a1" in page, "b2" in page, 'href="/containers/c3/"' in page) == (True, True, False)
    assert "1–2 of 3" in page
    page = admin_client.get("/containers/?page=2").content.decode()
    assert 'href="/containers/c3/"' in page
    assert 'href="/containers/a1/"' not in page
    for wrong in ("0", "99", "x", "-1"):
        assert admin_client.get("/containers/", {"page": wrong}).status_code == 200

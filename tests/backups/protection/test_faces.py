"""/backups/coverage/, GET /api/backup-coverage"""

import re

import pytest

from tests.backups.pages import links_of, tags_of, text_of
from tests.backups.steps import backed_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def shop(make_container, tmp_path) -> None:
    """`web` is backed up but for a folder, `db` is not."""
    labels = {"com.docker.compose.project": "shop"}
    folder = tmp_path / "folder"
    folder.mkdir()
    binds = ["data:/data", f"{folder}:/folder", "/var/run/docker.sock:/sock"]
    make_container("web", start=False, labels=labels, host={"binds": binds})
    backed_up("web")
    make_container("db", start=False, host={"binds": ["pg:/var/lib"]})


def rows(response) -> list[str]:
    return re.findall(r'<a href="/containers/([^/"]+)/">', response.content.decode())


def test_the_page_shows_what_is_and_what_is_not(client, shop):
    response = client.get("/backups/coverage/")
    assert response.status_code == 200
    words = text_of(response)
    counts = "All 6 Never 2 Old 0 Left out 1 Protected 2 Cannot be saved 1"
    assert counts in words
    assert "Bind mounts were not asked for." in words
    assert "Docker socket" in words
    assert rows(response) == ["db", "db", "web", "web", "web", "web"]
    assert links_of(response).count("/backups/create/db/") == 2
    assert tags_of(response, "a", **{"aria-current": "page", "href": "/backups/coverage/"})
    assert not tags_of(response, "a", **{"aria-current": "page", "href": "/backups/"})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=never", ["db", "db"]),
        ("state=impossible", ["web"]),
        ("state=old", []),
        ("state=<b>", ["db", "db", "web", "web", "web", "web"]),
        ("search=VAR+lib", ["db"]),
        ("search=sock", ["web"]),
        ("stack=shop", ["web", "web", "web", "web"]),
        ("stack=shop&state=protected&older_than=30", ["web", "web"]),
        ("older_than=x&page=x&state=never", ["db", "db"]),
    ],
)
def test_it_can_be_narrowed(admin_client, shop, query, found):
    assert rows(admin_client.get(f"/backups/coverage/?{query}")) == found


def test_htmx_gets_listing_and_tabs(admin_client, shop):
    response = admin_client.get("/backups/coverage/?state=never", headers=HTMX)
    assert response.content.decode().lstrip().startswith('<div id="coverage"')
    assert tags_of(response, "nav", id="coverage-tabs")
    assert "state=never&amp;stack=shop" not in response.content.decode()


def test_without_containers_it_says_what_belongs_here(admin_client):
    assert "No containers yet" in text_of(admin_client.get("/backups/coverage/"))


def test_the_api_tells_the_same(client, shop):
    answer = client.get("/api/backup-coverage").json()
    assert answer["counts"] == {
        "never": 2,
        "old": 0,
        "excluded": 1,
        "protected": 2,
        "impossible": 1,
    }
    assert answer["total"] == 6
    first = answer["coverage"][0]
    assert (first["container"], first["type"], first["state"]) == ("db", "configuration", "never")
    saved = client.get("/api/backup-coverage?state=protected&search=/data").json()["coverage"]
    assert [(item["name"], item["stack"]) for item in saved] == [("data", "shop")]
    assert saved[0]["filename"].startswith("web_")
    assert saved[0]["saved_at"].endswith("Z")


@pytest.mark.parametrize("query", ["state=x", "older_than=0", "page=0", "page_size=9999"])
def test_an_odd_question_is_invalid(admin_client, query):
    assert admin_client.get(f"/api/backup-coverage?{query}").status_code == 400


def test_the_api_comes_in_pages(admin_client, shop):
    answer = admin_client.get("/api/backup-coverage?page=2&page_size=4").json()
    assert (len(answer["coverage"]), answer["total"]) == (2, 6)


def test_an_engine_that_is_down_is_said_so(admin_client, settings):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    assert admin_client.get("/backups/coverage/").status_code == 503
    assert admin_client.get("/api/backup-coverage").status_code == 503


def test_a_stranger_gets_nothing(stranger_client):
    assert stranger_client.get("/backups/coverage/").status_code == 302
    assert stranger_client.get("/api/backup-coverage").status_code == 401

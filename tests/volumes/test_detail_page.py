"""/volumes/<name>/"""

from datetime import UTC, datetime

import pytest

from tests.backups.odd_names import ODD_NAMES, quoted
from tests.engine_calls import recorded_calls

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["admin_client", "operator_client"])
def test_everybody_signed_in_sees_what_it_is_and_who_mounts_it(
    request, who, docker, make_container
):
    client = request.getfixturevalue(who)
    labels = {"com.docker.compose.project": "shop", "about": "<home>", "items": "apples"}
    docker.create_volume("data", labels=labels)
    make_container("web", host={"binds": ["data:/data:ro"]}, start=False)
    make_container("other", host={"binds": ["data-2:/data"]}, start=False)
    page = client.get("/volumes/data/").content.decode()
    for words in (
        *("of the stack shop", "local", "/volumes/data/_data", "&lt;home&gt;", "read-only"),
        *("apples", 'href="/containers/web/"', "Never backed up"),
    ):
        assert words in page, words
    assert 'href="/containers/other/"' not in page


def test_a_stranger_is_asked_to_sign_in(stranger_client, docker):
    docker.create_volume("data")
    assert stranger_client.get("/volumes/data/").status_code == 302


def test_the_page_of_a_container_leads_to_it(admin_client, make_container):
    make_container("web", host={"binds": ["data:/data", "/srv:/srv"]}, start=False)
    page = admin_client.get("/containers/web/").content.decode()
    assert 'href="/volumes/data/"' in page
    assert 'href="/volumes//srv/"' not in page


def test_the_good_backups_that_hold_it_are_named_the_newest_first(
    admin_client, docker, saved, data_dir
):
    docker.create_volume("data")
    saved("data", "web_old.tar.gz", created=datetime(2026, 1, 1, tzinfo=UTC))
    saved("data", "web_new.tar.gz")
    saved("data", "web_bad.tar.gz", verified=False)
    saved("data-2", "web_other.tar.gz")
    saved("data", "web_lost.tar.gz")
    (data_dir / "backups" / "web_lost.tar.gz").unlink()
    page = admin_client.get("/volumes/data/").content.decode()
    assert page.index("web_new.tar.gz") < page.index("web_old.tar.gz")
    assert "web_bad" not in page
    assert "web_other" not in page
    assert "web_lost" not in page


def test_of_many_backups_the_newest_are_named(admin_client, docker, saved):
    docker.create_volume("data")
    for number in range(25):
        saved("data", f"web_{number}.tar.gz", created=datetime(2026, 1, 1 + number, tzinfo=UTC))
    page = admin_client.get("/volumes/data/").content.decode()
    assert page.count('class="safe"') == 20
    assert "web_24.tar.gz" in page
    assert "web_4.tar.gz" not in page


def test_a_volume_of_this_program_is_not_shown(admin_client, make_container):
    make_container(
        "monkey",
        labels={"containermonkey.self": "1"},
        host={"binds": ["own:/backups"]},
        start=False,
    )
    answer = admin_client.get("/volumes/own/")
    assert answer.status_code == 403
    assert "own" in answer.content.decode()


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_cannot_exist_is_a_page_that_says_so(admin_client, engine, name):
    answer = admin_client.get(f"/volumes/{quoted(name)}/")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.content.decode()


def test_an_engine_that_is_down_is_said_so(admin_client):
    answer = admin_client.get("/volumes/data/")
    assert answer.status_code == 503
    assert "Try again" in answer.content.decode()


def test_the_cost_does_not_grow_with_the_containers(admin_client, docker, make_container):
    for number in range(3):
        make_container(f"web-{number}", host={"binds": ["data:/data"]}, start=False)
    admin_client.get("/volumes/data/")
    with recorded_calls() as calls:
        admin_client.get("/volumes/data/")
    assert len([call for call in calls if "info" not in call]) == 2

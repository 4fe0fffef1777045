"""/containers/<reference>/start/, stop/, restart/ and delete/"""

import pytest
from docker.errors import NotFound as Gone

from tests.backups.odd_names import ODD_NAMES, quoted

HTMX = {"HX-Request": "true"}


@pytest.fixture
def is_running(docker):
    """Whether a container runs now."""
    return lambda name: docker.inspect_container(name)["State"]["Running"]


def test_stop_and_start_lead_back_with_a_message(client, make_container, is_running):
    make_container("web")
    for verb, words, runs in [
        ("stop", "Stopped web", False),
        ("stop", "web is stopped already", False),
        ("start", "Started web", True),
        ("start", "web runs already", True),
        ("restart", "Restarted web", True),
    ]:
        answer = client.post(
            f"/containers/web/{verb}/", {"next": "/containers/?search=web"}, follow=True
        )
        assert answer.redirect_chain == [("/containers/?search=web", 302)]
        assert words in answer.content.decode()
        assert is_running("web") is runs


@pytest.mark.parametrize("page", ["", "https://elsewhere.example/", "//elsewhere.example", "x:y"])
def test_nobody_is_sent_elsewhere(admin_client, make_container, page):
    make_container("web", start=False)
    answer = admin_client.post("/containers/web/start/", {"next": page})
    assert answer["Location"] == "/containers/"


def test_htmx_gets_the_list_and_a_toast(admin_client, make_container):
    make_container("web")
    answer = admin_client.post(
        "/containers/web/stop/", {"next": "/containers/"}, headers=HTMX, follow=True
    )
    page = answer.content.decode()
    assert "<html" not in page
    assert 'id="containers"' in page
    assert "Stopped web" in page
    assert "toast" in page


def test_what_is_refused_is_said(admin_client, docker, make_container):
    docker.pause(make_container("held"))
    answer = admin_client.post("/containers/held/start/")
    assert answer.status_code == 409
    assert "paused" in answer.content.decode()
    answer = admin_client.post("/containers/held/start/", headers=HTMX)
    assert answer.status_code == 409
    assert "paused" in answer.content.decode()
    assert "<html" not in answer.content.decode()


@pytest.mark.parametrize("verb", ["start", "stop", "restart"])
def test_looking_changes_nothing(admin_client, make_container, is_running, verb):
    make_container("web")
    assert admin_client.get(f"/containers/web/{verb}/").status_code == 405
    assert is_running("web")


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "delete"])
def test_a_stranger_is_sent_to_sign_in(stranger_client, make_container, is_running, verb):
    make_container("web")
    answer = stranger_client.post(f"/containers/web/{verb}/", {"force": "on"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/sign-in/")
    assert is_running("web")


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "delete"])
def test_this_program_itself_is_refused(admin_client, make_container, is_running, verb):
    make_container("monkey", labels={"containermonkey.self": "1"})
    answer = admin_client.post(f"/containers/monkey/{verb}/", {"force": "on"})
    assert answer.status_code == 403
    assert is_running("monkey")


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "delete"])
@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_cannot_exist_is_not_there(admin_client, engine, verb, name):
    assert admin_client.post(f"/containers/{quoted(name)}/{verb}/").status_code == 404


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "delete"])
def test_an_engine_that_is_down_is_said_so(admin_client, verb):
    assert admin_client.post(f"/containers/web/{verb}/").status_code == 503


def test_the_question_says_what_is_lost_and_what_stays(client, docker, make_container):
    make_container("web", volumes=["/scratch"], host={"binds": ["kept:/data"]})
    page = client.get("/containers/web/delete/").content.decode()
    for words in (
        *("Delete web?", "Lost for good", "outside of its volumes", "Stays", "kept", "/data"),
        *("There is no backup of it", 'name="volumes"', "/scratch", 'name="force"'),
        'href="/containers/web/"',
    ):
        assert words in page, words
    assert docker.inspect_container("web")["State"]["Running"]


def test_the_question_asks_no_more_than_is_at_stake(admin_client, make_container):
    make_container("web", start=False)
    page = admin_client.get("/containers/web/delete/").content.decode()
    assert 'name="volumes"' not in page
    assert 'name="force"' not in page


def test_the_question_comes_alone_into_a_dialog(admin_client, make_container):
    make_container("web", start=False)
    page = admin_client.get("/containers/web/delete/", headers=HTMX).content.decode()
    assert "<html" not in page
    assert "Delete web?" in page


@pytest.mark.parametrize(("sent", "volumes"), [({}, 1), ({"volumes": "on"}, 0)])
def test_deleting_leads_to_the_list(client, docker, make_container, sent, volumes):
    made = make_container("web", start=False, volumes=["/scratch"])
    answer = client.post(f"/containers/{made}/delete/", {"name": "web", **sent}, follow=True)
    assert answer.redirect_chain == [("/containers/", 302)]
    assert "Deleted web" in answer.content.decode()
    assert len(docker.volumes()["Volumes"] or []) == volumes
    with pytest.raises(Gone):
        docker.inspect_container(made)


def test_what_runs_is_deleted_only_by_force(admin_client, make_container, is_running, docker):
    made = make_container("web")
    answer = admin_client.post("/containers/web/delete/")
    assert answer.status_code == 409
    assert "running" in answer.content.decode()
    assert is_running("web")
    admin_client.post("/containers/web/delete/", {"force": "on"})
    with pytest.raises(Gone):
        docker.inspect_container(made)

"""/containers/<reference>/rename/ and /kill/"""

import pytest

from jobs.models import Job, Status

PAGES = ["rename", "kill"]


@pytest.mark.parametrize("page", PAGES)
def test_it_asks_first(client, make_container, page):
    make_container("web")
    answer = client.get(f"/containers/web/{page}/")
    assert answer.status_code == 200
    assert "web" in answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_are_sent_to_sign_in(stranger_client, engine, page, method):
    answer = getattr(stranger_client, method)(f"/containers/web/{page}/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/sign-in/")


def test_renaming(client, docker, make_container):
    made = make_container("web", start=False)
    answer = client.post("/containers/web/rename/", {"name": "shop"})
    assert answer["Location"] == "/containers/shop/"
    assert docker.inspect_container("shop")["Id"] == made


def test_what_is_wrong_with_a_name_stands_beside_the_field(client, make_container):
    make_container("web", start=False)
    make_container("db", start=False)
    for name, words in [
        ("", "required"),
        ("-", "At least two"),
        ("db", "There is a container named db already."),
    ]:
        answer = client.post("/containers/web/rename/", {"name": name})
        assert answer.status_code == 422
        assert words in answer.content.decode()


def test_killing(client, docker, make_container):
    made = make_container("web")
    answer = client.post("/containers/web/kill/", {"signal": "SIGKILL"})
    assert answer["Location"] == "/containers/web/"
    assert docker.wait(made)["StatusCode"] == 137


def test_a_signal_that_is_not_offered_is_not_sent(client, docker, make_container):
    make_container("web")
    assert client.post("/containers/web/kill/", {"signal": "SIGSTOP"}).status_code == 422
    assert docker.inspect_container("web")["State"]["Running"]


def test_what_is_in_the_way_is_said(client, make_container):
    make_container("web", start=False)
    assert client.post("/containers/web/kill/", {"signal": "SIGTERM"}).status_code == 409
    Job.objects.create(kind="backup", subject="web", status=Status.RUNNING)
    answer = client.post("/containers/web/rename/", {"name": "shop"})
    assert answer.status_code == 422
    assert "backup of web is running" in answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_what_is_not_there_is_not_found(client, engine, page):
    assert client.get(f"/containers/nobody/{page}/").status_code == 404

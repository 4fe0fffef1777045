"""/backups/<filename>/restore/"""

import pytest

from jobs.models import Job, Kind, Status
from jobs.worker import run_next
from tests.arrange import run_in
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.backups.pages import tags_of, text_of
from tests.backups.records import make_record

pytestmark = pytest.mark.django_db


def address(backup) -> str:
    return f"/backups/{backup.filename}/restore/"


def restores() -> list[Job]:
    return list(Job.objects.filter(kind=Kind.RESTORE))


def test_it_shows_the_options_and_what_is_in_the_way(client, backup):
    response = client.get(address(backup))
    assert response.status_code == 200
    words = text_of(response)
    assert "A container has the name web. Choose under “Where a name is taken”" in words
    assert "The volume web_data exists." in words
    assert tags_of(response, "input", name="port-80/tcp", placeholder="8080")
    assert tags_of(response, "input", name="volumes", value="ask")[0].get("checked", "no") is None
    assert restores() == []


def test_checking_shows_the_plan_for_the_options(client, backup):
    options = {"on_conflict": "replace", "volumes": "keep", "port-80/tcp": "8081"}
    response = client.get(address(backup), options)
    assert response.status_code == 200
    words = text_of(response)
    assert "What will be done" in words
    assert "Keep the present content of the volume web_data" in words
    assert tags_of(response, "input", name="port-80/tcp", value="8081")
    assert restores() == []


def test_one_option_in_a_link_is_enough(admin_client, backup):
    words = text_of(admin_client.get(address(backup), {"new_name": "copy", "volumes": "keep"}))
    assert "Create the container copy." in words


def test_htmx_gets_the_plan_alone(admin_client, backup):
    response = admin_client.get(
        address(backup), {"new_name": "copy"}, headers={"HX-Request": "true"}
    )
    assert not tags_of(response, "html")
    assert tags_of(response, "section", id="plan")
    assert not tags_of(response, "input")


def test_a_deleted_container_comes_back(client, backup, docker):
    docker.remove_container("web", force=True)
    docker.remove_volume("web_data")
    assert "What will be done" in text_of(client.get(address(backup)))

    response = client.post(address(backup))

    job = restores()[0]
    assert response.status_code == 302
    assert response["Location"] == f"/jobs/{job.progress_id}/"
    assert "The restore of web is in the queue." in text_of(client.get(response["Location"]))
    assert run_next()
    job.refresh_from_db()
    assert (job.status, job.error) == (Status.COMPLETE, "")
    assert run_in(docker, "web", "cat", "/data/first") == "one\n"


def test_every_option_is_taken(admin_client, backup):
    options = {
        "new_name": "copy",
        "volumes": "keep",
        "on_conflict": "rename",
        "start": "no",
        "port-80/tcp": "8081",
    }
    assert admin_client.post(address(backup), options).status_code == 302
    assert restores()[0].arguments["options"] == {
        "new_name": "copy",
        "port_overrides": {"80/tcp": 8081},
        "overwrite_volumes": False,
        "on_conflict": "rename",
        "start": False,
    }


def test_a_port_that_is_as_it_was_is_no_override(admin_client, backup):
    options = {"new_name": "copy", "volumes": "keep", "start": "no", "port-80/tcp": "8080"}
    assert admin_client.post(address(backup), options).status_code == 302
    assert restores()[0].arguments["options"]["port_overrides"] == {}


def test_what_is_in_the_way_stands_beside_its_option(client, backup, docker, web):
    response = client.post(address(backup))
    assert response.status_code == 422
    words = text_of(response)
    assert "Nothing was changed." in words
    assert words.count("A container has the name web.") == 2
    assert words.count("The volume web_data exists.") == 2
    assert words.count("The host port 8080 is taken by web.") == 2
    assert restores() == []
    assert docker.inspect_container("web")["Id"] == web


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("new_name", "../etc"),
        ("new_name", "<b>"),
        ("new_name", "a" * 300),
        ("port-80/tcp", "0"),
        ("port-80/tcp", "65536"),
        ("port-80/tcp", "http"),
        ("volumes", "burn"),
        ("on_conflict", "hope"),
        ("start", "perhaps"),
    ],
)
def test_a_wrong_option_comes_back_with_the_reason(admin_client, backup, option, value):
    response = admin_client.post(address(backup), {option: value})
    assert response.status_code == 422
    assert "The options are not valid" in text_of(response)
    assert restores() == []
    assert admin_client.get(address(backup), {option: value}).status_code == 200


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_is_no_backup_is_not_there(admin_client, name):
    assert admin_client.get(f"/backups/{quoted(name)}/restore/").status_code == 404


def test_an_engine_that_is_down_is_said_so(admin_client, backup, settings):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    response = admin_client.get(address(backup))
    assert response.status_code == 503
    assert "cannot be reached" in text_of(response)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_sign_in(stranger_client, method):
    response = getattr(stranger_client, method)(address(make_record()))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/sign-in/")
    assert restores() == []

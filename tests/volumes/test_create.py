"""Making a volume, as a page and as JSON."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from accounts.models import AuditEntry
from containermonkey.problems import Conflict
from tests.backups.conftest import client as client  # everybody who is signed in
from tests.backups.pages import tags_of, text_of
from volumes import creating
from volumes.creating import NewVolume, create_volume

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

JSON = "application/json"
PAGE = "/volumes/-/new/"


def names(docker: APIClient) -> set[str]:
    return {volume["Name"] for volume in docker.volumes()["Volumes"] or []}


def test_one_is_made_with_options_and_labels(client: Client, docker: APIClient) -> None:
    assert "Options of the driver" in text_of(client.get(PAGE))
    sent = {
        "name": "fast",
        "driver": "local",
        "options": "type=tmpfs\r\ndevice=tmpfs\r\n\r\no = size=1m,uid=1000",
        "labels": "tier=gold\nnote=a=b\nempty=",
    }
    answer = client.post(PAGE, sent, follow=True)
    assert answer.redirect_chain == [("/volumes/fast/", 302)]
    assert "Created the volume fast" in text_of(answer)
    found = docker.inspect_volume("fast")
    assert found["Options"] == {"type": "tmpfs", "device": "tmpfs", "o": "size=1m,uid=1000"}
    assert found["Labels"] == {"tier": "gold", "note": "a=b", "empty": ""}
    assert AuditEntry.objects.get(action="volume.create").target == "fast"


def test_one_is_made_by_the_api(client: Client, docker: APIClient) -> None:
    body = {"name": "data", "labels": {"com.docker.compose.project": "shop"}}
    answer = client.post("/api/volumes/create", body, JSON)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["name"], told["driver"], told["stack"]) == ("data", "local", "shop")
    assert (told["in_use_by"], told["size"]) == ([], None)
    assert docker.inspect_volume("data")["Options"] in (None, {})


def test_a_name_that_is_taken_is_not_given_again(client: Client, docker: APIClient) -> None:
    docker.create_volume("data", labels={"whose": "theirs"})
    answer = client.post("/api/volumes/create", {"name": "data"}, JSON)
    assert answer.status_code == 409
    assert "There is a volume named data already" in answer.json()["fields"]["name"]
    page = client.post(PAGE, {"name": "data", "driver": "local"})
    assert page.status_code == 422
    assert "There is a volume named data already." in text_of(page)
    assert docker.inspect_volume("data")["Labels"] == {"whose": "theirs"}


def test_one_that_somebody_else_made_in_between_is_not_ours(
    docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(creating, "refuse_taken_name", lambda docker, name: None)
    docker.create_volume("data", labels={"whose": "theirs"})
    with pytest.raises(Conflict):
        create_volume(NewVolume("data"))
    assert docker.inspect_volume("data")["Labels"] == {"whose": "theirs"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a"}, "name"),
        ({"name": "../etc"}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": "data\n"}, "name"),
        ({"name": "data", "driver": "nothing-like-it"}, "driver"),
        ({"name": "data", "driver": ""}, "driver"),
        ({"name": "data", "options": {"wrong": "1"}}, "options"),
        ({"name": "data", "options": {"": "1"}}, "options"),
        ({"name": "data", "options": {"o": "a\0b"}}, "options"),
        ({"name": "data", "options": {"device": "/srv", "o": "x" * 5000}}, "options"),
        ({"name": "data", "labels": {str(at): "" for at in range(101)}}, "labels"),
        ({"name": "data", "labels": {"containermonkey.job": "1"}}, "labels"),
        ({"name": "data", "labels": ["a"]}, "labels"),
    ],
)
def test_what_cannot_be_made_is_said_beside_its_field(
    admin_client: Client, docker: APIClient, body: dict[str, Any], field: str
) -> None:
    answer = admin_client.post("/api/volumes/create", body, JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert any(field in name for name in answer.json()["fields"])
    assert names(docker) == set()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "a b"}, "At least two letters, digits"),
        ({"driver": "other"}, "Select a valid choice"),
        ({"options": "no equals sign"}, "Line 1 is not of the form key=value."),
        ({"options": "type=nfs\n=x"}, "Line 2 is not of the form key=value."),
        ({"labels": "a=1\na=2"}, "“a” is there twice."),
        ({"options": "wrong=1"}, "nvalid option"),
        ({"labels": "<script>=1\nb"}, "Line 2 is not of the form key=value."),
    ],
)
def test_the_form_says_what_is_wrong_and_keeps_what_was_written(
    admin_client: Client, docker: APIClient, sent: dict[str, str], words: str
) -> None:
    page = admin_client.post(PAGE, {"name": "data", "driver": "local"} | sent)
    assert page.status_code == 422
    assert words in text_of(page)
    assert b"<script>=1" not in page.content
    assert names(docker) == set()


@pytest.mark.parametrize(
    "options",
    [
        {"type": "none", "o": "bind", "device": "/etc"},
        {"type": "none", "o": "rw,rbind", "device": "/etc/../"},
        {"type": "none", "o": "bind", "device": "/proc/1"},
        {"type": "none", "o": "bind", "device": "etc"},
        {"type": "none", "o": "bind", "device": "/nowhere/at/all"},
        {"type": "overlay", "device": "x", "o": "lowerdir=/srv:/etc,upperdir=/a,workdir=/b"},
    ],
)
def test_none_is_made_that_stands_for_the_hosts_own_folders(
    admin_client: Client, docker: APIClient, options: dict[str, str]
) -> None:
    answer = admin_client.post("/api/volumes/create", {"name": "data", "options": options}, JSON)
    assert answer.status_code == 400
    assert "It cannot stand for" in answer.json()["fields"]["options"]
    lines = "\n".join(f"{name}={value}" for name, value in options.items())
    page = admin_client.post(PAGE, {"name": "data", "driver": "local", "options": lines})
    assert (page.status_code, "It cannot stand for" in text_of(page)) == (422, True)
    assert names(docker) == set()


def test_none_is_made_that_stands_for_our_own_data(
    admin_client: Client, docker: APIClient, data_dir: Path, tmp_path: Path
) -> None:
    link = tmp_path / "elsewhere"
    link.symlink_to(data_dir)
    for folder in (data_dir, link, data_dir.parent):
        options = {"type": "none", "o": "bind", "device": str(folder)}
        body = {"name": "data", "options": options}
        assert admin_client.post("/api/volumes/create", body, JSON).status_code == 400
    assert names(docker) == set()


def test_one_may_stand_for_an_ordinary_folder(
    admin_client: Client, docker: APIClient, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    options = {"type": "none", "o": "bind", "device": str(folder)}
    answer = admin_client.post("/api/volumes/create", {"name": "data", "options": options}, JSON)
    assert answer.status_code == 201
    assert docker.inspect_volume("data")["Options"] == options


def test_a_volume_may_be_called_as_its_making(client: Client, docker: APIClient) -> None:
    assert client.get("/volumes/new/").headers["Location"] == PAGE
    docker.create_volume("new")
    assert "No container mounts it" in text_of(client.get("/volumes/new/"))


def test_who_has_not_signed_in_makes_nothing(stranger_client: Client, docker: APIClient) -> None:
    body = {"name": "data"}
    assert stranger_client.post("/api/volumes/create", body, JSON).status_code == 401
    assert stranger_client.post(PAGE, body).status_code in (302, 403)
    assert stranger_client.get("/volumes/new/").status_code == 302
    assert names(docker) == set()


def test_a_body_that_is_no_json_is_refused(admin_client: Client) -> None:
    assert admin_client.post("/api/volumes/create", {"name": "data"}).status_code == 415


def test_without_volumes_the_list_offers_to_make_one(client: Client) -> None:
    assert tags_of(client.get("/volumes/"), "a", href=PAGE)


def test_an_engine_that_says_nothing_of_drivers_has_the_local_one() -> None:
    class Silent:
        def info(self) -> dict[str, Any]:
            return {}

    silent: Any = Silent()
    assert creating.drivers_of(silent) == ["local"]

"""The list of volumes and their deletion, as pages and as JSON."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from accounts.models import AuditEntry
from engine import engine
from engine.helpers import helper
from engine.identity import JOB_LABEL, SELF_LABEL
from tests.arrange import ContainerMaker
from tests.backups.conftest import client as client  # everybody who is signed in
from tests.backups.pages import tags_of, text_of
from tests.engine_calls import recorded_calls
from tests.volumes.conftest import Save

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

JSON = "application/json"


@pytest.fixture
def three(docker: APIClient, make_container: ContainerMaker) -> None:
    """One that two containers mount, one of a stack, and one that nobody has use for."""
    make_container("web", host={"binds": ["shared:/data", "shared:/again"]})
    make_container("app", host={"binds": ["shared:/data:ro"]}, start=False)
    labels = {"com.docker.compose.project": "shop", "tier": "gold"}
    docker.create_volume("shop_db", labels=labels)
    docker.create_volume("left")


def listed(client: Client, **query: Any) -> list[dict[str, Any]]:
    return client.get("/api/volumes", query).json()["volumes"]


def names(docker: APIClient) -> set[str]:
    return {volume["Name"] for volume in docker.volumes()["Volumes"] or []}


def test_without_volumes_it_says_what_belongs_here(client: Client) -> None:
    assert "No volumes yet" in text_of(client.get("/volumes/"))
    assert listed(client) == []


def test_each_is_told_with_who_mounts_it(client: Client, three: None) -> None:
    found = {volume["name"]: volume for volume in listed(client)}
    assert list(found) == ["left", "shared", "shop_db"]
    assert found["shared"]["in_use_by"] == ["app", "web"]
    assert (found["shop_db"]["stack"], found["shop_db"]["driver"]) == ("shop", "local")
    assert found["left"]["in_use_by"] == []
    assert found["left"]["size"] is None
    page = text_of(client.get("/volumes/"))
    assert "3 on" in page
    assert "1 in use" in page


@pytest.mark.parametrize(
    ("words", "expected"),
    [("gold", ["shop_db"]), ("WEB shar", ["shared"]), ("local", ["left", "shared", "shop_db"])],
)
def test_words_are_looked_for_everywhere(
    client: Client, three: None, words: str, expected: list[str]
) -> None:
    assert [volume["name"] for volume in listed(client, search=words)] == expected


def test_what_is_not_found_is_said(client: Client, three: None) -> None:
    page = client.get("/volumes/?search=nothing-like-it")
    assert "nothing-like-it" in text_of(page)
    assert tags_of(page, "a", href="/volumes/")


def test_sizes_come_when_they_are_asked_for(
    client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    made = make_container("web", host={"binds": ["full:/data"]})
    run = docker.exec_create(made, ["dd", "if=/dev/zero", "of=/data/x", "bs=1M", "count=3"])
    docker.exec_start(run)
    docker.create_volume("empty")
    sizes = {volume["name"]: volume["size"] for volume in listed(client, sizes="true")}
    assert sizes["full"] >= 3 << 20
    assert sizes["empty"] < 1 << 20
    page = text_of(client.get("/volumes/?sizes=1&sort=-size"))
    assert page.index("full") < page.index("empty")
    assert "MiB" in page


def test_the_list_costs_the_same_however_many_there_are(
    admin_client: Client, docker: APIClient, django_assert_max_num_queries: Any
) -> None:
    for number in range(120):
        docker.create_volume(f"volume-{number:03}")
    with recorded_calls() as calls, django_assert_max_num_queries(8):
        page = admin_client.get("/volumes/")
    asked = [call for call in calls if "/containers" in call or "/volumes" in call]
    assert sorted(call.split("?")[0].split("/", 2)[2] for call in asked) == [
        "containers/json",
        "volumes",
    ]
    assert "volume-099" in text_of(page)
    assert "volume-100" not in text_of(page)
    assert "volume-100" in text_of(admin_client.get("/volumes/?page=2"))
    assert "volume-119" in text_of(admin_client.get("/volumes/?sort=-name"))


def test_hostile_labels_are_text(client: Client, docker: APIClient) -> None:
    docker.create_volume("odd", labels={"com.docker.compose.project": "<script>alert(1)</script>"})
    assert b"<script>alert(1)" not in client.get("/volumes/").content


def test_when_each_was_last_saved_is_told_with_one_query(
    admin_client: Client, docker: APIClient, saved: Save, django_assert_max_num_queries: Any
) -> None:
    for name in ("anything", "never", "folder"):
        docker.create_volume(name)
    saved("anything", "web_1.tar.gz")
    saved("anything", "web_2.tar.gz", created=datetime(2026, 1, 1, tzinfo=UTC))
    saved("folder", "web_3.tar.gz", kind="bind")
    saved("never", "web_4.tar.gz", verified=False)
    with django_assert_max_num_queries(8):
        page = text_of(admin_client.get("/volumes/?sort=-backup"))
    assert page.index("anything local") < page.index("folder local")
    assert page.count("Never") == 2
    asked = admin_client.post("/volumes/-/delete/", {"id": ["anything", "never"]})
    assert text_of(asked).count("Never backed up") == 1
    assert "There is no backup" not in text_of(admin_client.get("/volumes/anything/delete/"))


# Deleting


def test_one_is_deleted_after_it_was_asked(
    admin_client: Client, docker: APIClient, three: None
) -> None:
    page = text_of(admin_client.get("/volumes/left/delete/"))
    assert "Everything that is in it" in page
    assert "There is no backup of it" in page
    assert "left" in names(docker)
    answer = admin_client.post("/volumes/left/delete/", follow=True)
    assert "Deleted the volume left" in text_of(answer)
    assert names(docker) == {"shared", "shop_db"}
    assert AuditEntry.objects.filter(action="volume.delete", target="left").exists()


@pytest.mark.parametrize("force", ["", "?force=true"])
def test_one_in_use_stays_and_its_containers_are_named(
    admin_client: Client, docker: APIClient, three: None, force: str
) -> None:
    answer = admin_client.delete(f"/api/volume/shared/delete{force}")
    assert answer.status_code == 409
    assert "app, web" in answer.json()["error"]
    assert admin_client.post("/volumes/shared/delete/").status_code == 409
    assert not tags_of(admin_client.get("/volumes/"), "a", href="/volumes/shared/delete/")
    assert "shared" in names(docker)


def test_force_may_stand_in_a_body(admin_client: Client, docker: APIClient, three: None) -> None:
    address = "/api/volume/left/delete"
    misspelt = admin_client.delete(address, {"forse": True}, JSON)
    assert (misspelt.status_code, list(misspelt.json()["fields"])) == (400, ["forse"])
    assert admin_client.delete(address, {"force": True}, JSON).status_code == 200
    assert "left" not in names(docker)


def test_several_are_deleted_each_with_its_result(
    admin_client: Client, docker: APIClient, three: None
) -> None:
    body = {"names": ["left", "shared", "nowhere", "left"]}
    results = admin_client.post("/api/volumes/delete", body, JSON).json()["results"]
    assert [(each["name"], each["success"]) for each in results] == [
        ("left", True),
        ("shared", False),
        ("nowhere", False),
    ]
    assert names(docker) == {"shared", "shop_db"}


def test_several_are_deleted_from_the_page_without_scripts(
    admin_client: Client, docker: APIClient, three: None
) -> None:
    asked = admin_client.post("/volumes/-/delete/", {"id": ["left", "shared"]})
    assert "Delete 2 volumes?" in text_of(asked)
    assert names(docker) == {"left", "shared", "shop_db"}
    sent = {"id": ["left", "shared"], "confirmed": "1"}
    answer = text_of(admin_client.post("/volumes/-/delete/", sent, follow=True))
    assert "Deleted 1 volume" in answer
    assert "The volume shared is in use by app, web" in answer
    assert names(docker) == {"shared", "shop_db"}
    none = admin_client.post("/volumes/-/delete/", follow=True)
    assert "No volume was selected" in text_of(none)


@pytest.mark.parametrize(
    "body", [{}, {"names": []}, {"names": [""]}, {"names": "left"}, {"names": ["a"], "x": 1}]
)
def test_what_names_no_volumes_is_refused(admin_client: Client, body: dict[str, Any]) -> None:
    answer = admin_client.post("/api/volumes/delete", body, JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("name", ["nowhere", "..%2f..", "a%00b", "é" * 50])
def test_what_is_not_there_is_not_found(admin_client: Client, name: str) -> None:
    assert admin_client.delete(f"/api/volume/{name}/delete").status_code in (400, 404)


def test_a_volume_may_have_the_name_of_an_act(admin_client: Client, docker: APIClient) -> None:
    docker.create_volume("delete")
    assert admin_client.get("/volumes/delete/").status_code == 200


def test_who_has_not_signed_in_deletes_nothing(
    stranger_client: Client, docker: APIClient, three: None
) -> None:
    assert stranger_client.delete("/api/volume/left/delete").status_code == 401
    assert stranger_client.post("/volumes/left/delete/").status_code in (302, 403)
    assert "left" in names(docker)


def test_a_volume_that_a_helper_works_with_is_shown_and_stays(
    client: Client, docker: APIClient
) -> None:
    docker.create_volume("data")
    mount = {"Type": "volume", "Source": "data", "Target": "/data"}
    with engine() as held, helper(held, [mount], "a-job"):
        assert [(each["name"], each["in_use_by"]) for each in listed(client)] == [("data", [])]
        page = client.get("/volumes/data/")
        assert page.status_code == 200
        assert "No container mounts it" in text_of(page)
        assert client.get("/volumes/data/files/").status_code == 200
        answer = client.delete("/api/volume/data/delete")
        assert answer.status_code == 409
        assert "A job works with the volume data" in answer.json()["error"]
    assert client.delete("/api/volume/data/delete").status_code == 200


def test_our_own_is_neither_listed_nor_deleted(
    client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("monkey", host={"binds": ["own:/backups"]}, labels={SELF_LABEL: "1"})
    docker.create_volume("of-a-rehearsal", labels={JOB_LABEL: "a-job"})
    assert listed(client) == []
    assert client.delete("/api/volume/own/delete").status_code == 403
    assert "own" in names(docker)
    docker.remove_volume("of-a-rehearsal")

"""Deleting many networks, and all that nobody uses."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from engine.identity import JOB_LABEL, SELF_LABEL
from networks import host as hosts
from tests.arrange import ContainerMaker
from tests.backups.pages import links_of, tags_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

JSON = "application/json"


def names(docker: APIClient) -> set[str]:
    return {network["Name"] for network in docker.networks()} - {"bridge", "host", "none"}


def post(client: Client, act: str, **body: Any) -> Any:
    return client.post(f"/api/networks/{act}", body, content_type=JSON)


@pytest.fixture
def left(docker: APIClient) -> list[str]:
    """The ids of two networks that nobody uses."""
    return [docker.create_network(name)["Id"] for name in ("left", "other")]


@pytest.fixture
def mixed(docker: APIClient, make_container: ContainerMaker, shop: str, left: list[str]) -> None:
    """Beside these and the shop: some that look unused, and are not."""
    docker.create_network("asleep")
    asleep = {"asleep": docker.create_endpoint_config()}
    docker.stop(make_container("sleeper", networking=asleep), timeout=0)
    docker.create_network("fresh")
    make_container("newborn", start=False, networking={"fresh": docker.create_endpoint_config()})
    docker.create_network("home")
    home = {"home": docker.create_endpoint_config()}
    make_container("monkey", labels={SELF_LABEL: "1"}, networking=home)
    docker.create_network("rehearsal", labels={JOB_LABEL: "a-job"})
    docker.create_network("again")
    again = {"again": docker.create_endpoint_config()}
    docker.stop(make_container("returner", networking=again), timeout=0)
    docker.remove_network("again")
    docker.create_network("again")


def test_each_has_its_result_and_one_failure_stops_nothing(
    client: Client, docker: APIClient, shop: str, left: list[str]
) -> None:
    asked = [left[0], "shop", "gone", "bridge", left[1][:12], left[0]]
    answer = post(client, "delete", ids=asked)
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [each["id"] for each in results] == asked[:-1]
    assert [each["success"] for each in results] == [True, False, False, False, True]
    assert "in use by web" in results[1]["error"]
    assert "no network named" in results[2]["error"]
    assert "Docker’s own" in results[3]["error"]
    assert names(docker) == {"shop"}


@pytest.mark.parametrize("body", [{}, {"ids": []}, {"ids": "all"}, {"ids": ["x"] * 501}, {"a": 1}])
def test_what_names_none_or_too_many_is_a_400(admin_client: Client, body: dict[str, Any]) -> None:
    assert post(admin_client, "delete", **body).status_code == 400


def test_in_the_list_they_are_picked_asked_about_and_deleted(
    client: Client, docker: APIClient, shop: str, left: list[str]
) -> None:
    picked = [box["value"] for box in tags_of(client.get("/networks/"), "input", name="id")]
    assert set(picked) == {shop, *left}
    asked = client.post("/networks/-/delete/", {"id": [shop, *left], "action": "delete"})
    assert "Delete 2 networks?" in text_of(asked)
    assert "in use by web" in text_of(asked)
    going = [each["value"] for each in tags_of(asked, "input", name="id")]
    assert set(going) == set(left)
    docker.remove_network(left[1])
    done = client.post("/networks/-/delete/", {"id": going, "confirmed": "1"}, follow=True)
    assert "Deleted 1 network" in text_of(done)
    assert "1 network could not be deleted." in text_of(done)
    assert names(docker) == {"shop"}


def test_where_none_can_be_deleted_there_is_nothing_to_press(client: Client, shop: str) -> None:
    asked = client.post("/networks/-/delete/", {"id": [shop]})
    assert "None of them can be deleted" in text_of(asked)
    assert not tags_of(asked, "button", form="dialog-form")
    nothing = client.post("/networks/-/delete/", follow=True)
    assert "No network was selected." in text_of(nothing)


def test_a_dry_run_names_what_nobody_uses(
    client: Client, docker: APIClient, mixed: None, left: list[str]
) -> None:
    before = names(docker)
    answer = post(client, "prune", dry_run=True).json()
    assert [each["name"] for each in answer["networks"]] == ["left", "other"]
    assert answer["results"] == []
    assert names(docker) == before


def test_pruning_deletes_these_alone(client: Client, docker: APIClient, mixed: None) -> None:
    before = names(docker)
    answer = post(client, "prune").json()
    assert [each["name"] for each in answer["networks"]] == ["left", "other"]
    assert [each["success"] for each in answer["results"]] == [True, True]
    assert names(docker) == before - {"left", "other"}
    assert post(client, "prune").json() == {"networks": [], "results": []}


def test_of_what_was_shown_each_is_judged_anew(
    client: Client, docker: APIClient, make_container: ContainerMaker, left: list[str]
) -> None:
    assert "/networks/-/prune/" in links_of(client.get("/networks/"))
    shown = client.get("/networks/-/prune/")
    assert "Delete 2 networks that nobody uses?" in text_of(shown)
    ids = [each["value"] for each in tags_of(shown, "input", name="id")]
    assert set(ids) == set(left)
    make_container("web", networking={"left": docker.create_endpoint_config()}, start=False)
    docker.create_network("newer")
    done = client.post("/networks/-/prune/", {"id": ids}, follow=True)
    assert "Deleted 1 network" in text_of(done)
    assert "in use by web" in text_of(done)
    assert names(docker) == {"left", "newer"}


def test_more_than_go_at_once_are_said(
    admin_client: Client, left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("networks.deleting.MOST", 1)
    shown = admin_client.get("/networks/-/prune/")
    assert len(tags_of(shown, "input", name="id")) == 1
    assert "1 more come after these: not more than 1 go at once" in text_of(shown)


def test_pruning_by_ids_touches_no_other(
    client: Client, docker: APIClient, shop: str, left: list[str]
) -> None:
    answer = post(client, "prune", ids=[left[0], shop, "gone"]).json()
    assert [each["name"] for each in answer["networks"]] == ["left"]
    found = {each["id"]: each["error"] for each in answer["results"]}
    assert found[left[0]] is None
    assert "in use by web" in found[shop]
    assert "no network named" in found["gone"]
    assert names(docker) == {"shop", "other"}
    assert post(client, "prune", ids=[]).json() == {"networks": [], "results": []}
    assert names(docker) == {"shop", "other"}


def test_without_unused_ones_the_page_says_so(client: Client, shop: str) -> None:
    page = client.get("/networks/-/prune/")
    assert "Every network is in use" in text_of(page)
    assert not tags_of(page, "button", form="dialog-form")


def test_settings_for_others_stay(admin_client: Client, docker: APIClient) -> None:
    from_body = {"Name": "settings", "ConfigOnly": True, "CheckDuplicate": True}
    docker._post_json(docker._url("/networks/create"), data=from_body)
    user = {"Name": "made", "ConfigFrom": {"Network": "settings"}, "CheckDuplicate": True}
    docker._post_json(docker._url("/networks/create"), data=user)
    named = [each["name"] for each in post(admin_client, "prune", dry_run=True).json()["networks"]]
    assert named == ["made"]
    answer = admin_client.delete("/api/network/settings/delete")
    assert answer.status_code == 409
    assert "holds the settings of made" in answer.json()["error"]
    assert admin_client.delete("/api/network/made/delete").status_code == 200
    assert admin_client.delete("/api/network/settings/delete").status_code == 200


@pytest.fixture
def swarm(docker: APIClient) -> Iterator[None]:
    docker.init_swarm("127.0.0.1:2377")
    yield
    docker.leave_swarm(force=True)


def test_what_is_left_of_a_swarm_goes(admin_client: Client, docker: APIClient) -> None:
    docker.create_network(hosts.SWARMS_OWN)
    shown = post(admin_client, "prune", dry_run=True).json()["networks"]
    assert [each["name"] for each in shown] == [hosts.SWARMS_OWN]


@pytest.mark.usefixtures("swarm")
def test_what_a_swarm_needs_stays(client: Client, docker: APIClient, busybox: str) -> None:
    used = docker.create_network("used", driver="overlay")["Id"]
    docker.create_network("spare", driver="overlay", attachable=True)
    docker.create_network(hosts.SWARMS_OWN)  # as the Engine does when the first task comes
    template = {"ContainerSpec": {"Image": busybox}, "Networks": [{"Target": "used"}]}
    docker.create_service(template, name="idle", mode={"Replicated": {"Replicas": 0}})
    shown = post(client, "prune", dry_run=True).json()["networks"]
    assert [each["name"] for each in shown] == ["spare"]
    for name in ("used", "ingress", hosts.SWARMS_OWN):
        answer = client.delete(f"/api/network/{name}/delete")
        assert answer.status_code == 409, name
    found = client.get(f"/api/network/{used}").json()
    assert found["services"] == ["idle"]
    assert "not attachable" in found["closed"]
    made = client.post(
        "/api/networks/create", {"name": "wide", "driver": "overlay"}, content_type=JSON
    )
    assert made.status_code == 201, made.json()
    assert made.json()["report"] == []
    assert made.json()["scope"] == "swarm"


def test_it_has_to_be_json(admin_client: Client) -> None:
    for act in ("delete", "prune"):
        assert admin_client.post(f"/api/networks/{act}", {"ids": "x"}).status_code == 415


def test_a_stranger_deletes_nothing(
    stranger_client: Client, docker: APIClient, left: list[str]
) -> None:
    assert post(stranger_client, "delete", ids=left).status_code == 401
    assert post(stranger_client, "prune").status_code == 401
    assert stranger_client.post("/networks/-/prune/", {"id": left}).status_code == 302
    assert stranger_client.post("/networks/-/delete/", {"id": left}).status_code == 302
    assert names(docker) == {"left", "other"}

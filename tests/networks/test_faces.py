"""/networks/, GET /api/networks, DELETE /api/network/<id>/delete"""

import re
from datetime import UTC, datetime

import pytest

from accounts.models import AuditEntry
from networks import annotations, overview
from tests.backups.pages import links_of, tags_of, text_of
from tests.engine_calls import recorded_calls

pytestmark = pytest.mark.usefixtures("engine", "db")

HTMX = {"HX-Request": "true"}


def rows(response) -> list[str]:
    page = response.content.decode()
    return re.findall(r'<a href="/networks/[^"]+">([^<]+)</a>\s*<span class="sub mono">', page)


def test_the_page_shows_what_is_there(client, shop, monkeypatch):
    saved = {"shop": datetime(2026, 1, 1, tzinfo=UTC)}
    monkeypatch.setattr(annotations, "_last_backups", lambda: saved)
    response = client.get("/networks/")
    assert response.status_code == 200
    words = text_of(response)
    assert "4 on" in words
    assert "10.66.0.0/16" in words
    assert "/containers/web/" in links_of(response)
    assert tags_of(response, "time", datetime="2026-01-01T00:00:00+00:00")
    assert f"/networks/{shop}/delete/" in links_of(response)


def test_only_a_container_with_an_address_has_a_tip(admin_client, docker, shop):
    docker.start("web")
    shown = tags_of(admin_client.get("/networks/"), "a", href="/containers/web/")
    assert [tag["title"].strip() for tag in shown] == ["10.66.0.2"]
    docker.stop("web")
    assert not any(
        "title" in tag
        for tag in tags_of(admin_client.get("/networks/"), "a", href="/containers/web/")
    )


def test_dockers_own_networks_offer_nothing(admin_client):
    response = admin_client.get("/networks/")
    assert rows(response) == ["bridge", "host", "none"]
    assert not [link for link in links_of(response) if link and link.endswith("/delete/")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=10.66", ["shop"]),
        ("search=web", ["shop"]),
        ("sort=-name", ["shop", "none", "host", "bridge"]),
        ("sort=-containers", ["shop"]),
        ("sort=-backup", ["shop"]),
        ("sort=subnets", ["shop", "bridge"]),
        ("sort=-created", ["shop"]),
        ("sort=driver", ["bridge", "shop"]),
        ("sort=stack", ["bridge", "host"]),
        ("sort=<b>", ["bridge"]),
        ("page=x", ["bridge"]),
    ],
)
def test_it_can_be_searched_and_sorted(admin_client, shop, monkeypatch, query, expected):
    saved = {"shop": datetime(2026, 1, 1, tzinfo=UTC)}
    monkeypatch.setattr(annotations, "_last_backups", lambda: saved)
    assert rows(admin_client.get(f"/networks/?{query}"))[: len(expected)] == expected


def test_nothing_found_says_the_way_back(admin_client):
    response = admin_client.get("/networks/", {"search": "<q>no</q>"})
    assert "Nothing matches “<q>no</q>”" in text_of(response)
    assert "/networks/" in links_of(response)


def test_htmx_gets_the_listing_alone(admin_client):
    response = admin_client.get("/networks/", headers=HTMX)
    assert response.content.decode().lstrip().startswith('<div id="networks"')


def test_the_api_lists_them(client, shop, docker):
    web = docker.inspect_container("web")
    networks = client.get("/api/networks").json()["networks"]
    found = next(network for network in networks if network["id"] == shop)
    assert {**found, "created": None} == {
        "id": shop,
        "name": "shop",
        "driver": "bridge",
        "scope": "local",
        "internal": False,
        "attachable": False,
        "ipv6": False,
        "ipam": {
            "driver": "default",
            "config": [{"subnet": "10.66.0.0/16", "gateway": "10.66.0.1", "ip_range": None}],
        },
        "containers": [
            {
                "id": web["Id"],
                "name": "web",
                "ipv4": web["NetworkSettings"]["Networks"]["shop"]["IPAddress"],
                "ipv6": None,
                "aliases": None,
            }
        ],
        "built_in": False,
        "labels": {},
        "stack": None,
        "created": None,
        "options": {},
        "ingress": False,
        "config_only": False,
        "config_from": None,
    }
    assert found["created"].endswith("Z")


def test_an_unused_network_is_deleted_by_a_form(client, docker):
    made = docker.create_network("spare")["Id"]
    asked = client.get(f"/networks/{made}/delete/")
    assert "Delete the network spare?" in text_of(asked)
    assert "There is no backup of it" in text_of(asked)
    response = client.post(f"/networks/{made}/delete/", follow=True)
    assert "Deleted the network spare" in text_of(response)
    assert docker.networks(ids=[made]) == []
    line = AuditEntry.objects.get(action="network.delete")
    assert (line.target, line.result) == ("spare", AuditEntry.Result.DONE)


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_one_with_containers_is_left_and_they_are_named(client, docker, shop, running):
    if not running:
        docker.stop("web", timeout=0)
    response = client.delete("/api/network/shop/delete")
    assert response.status_code == 409
    assert "in use by web" in response.json()["error"]
    assert response.json()["containers"] == ["web"]
    assert client.get(f"/networks/{shop}/delete/").status_code == 409
    assert docker.inspect_network(shop)["Name"] == "shop"


def test_the_api_deletes(client, docker):
    made = docker.create_network("spare")["Id"]
    response = client.delete(f"/api/network/{made[:12]}/delete")
    assert (response.status_code, response.json()) == (200, {"success": True})
    assert client.delete(f"/api/network/{made}/delete").status_code == 404


@pytest.mark.parametrize("name", ["bridge", "host", "none"])
def test_dockers_own_are_not_deleted(client, name):
    response = client.delete(f"/api/network/{name}/delete")
    assert response.status_code == 409
    assert "Docker’s own" in response.json()["error"]


def test_the_list_costs_the_same_however_many_there_are(
    admin_client, docker, make_container, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr(overview, "PAGE_SIZE", 15)
    for number in range(15):
        pool = {"Subnet": f"10.99.{number}.0/24"}
        name = f"network-{number:03}"
        docker.create_network(name, ipam={"Driver": "default", "Config": [pool]}, internal=True)
        networking = {name: docker.create_endpoint_config()}
        make_container(f"c{number:03}", start=False, networking=networking)
    with recorded_calls() as calls, django_assert_max_num_queries(8):
        page = admin_client.get("/networks/")
    asked = [call for call in calls if "/containers" in call or "/networks" in call]
    assert sorted(call.split("/", 2)[2] for call in asked) == ["containers/json", "networks"]
    assert len(rows(page)) == 15
    assert "18 on" in text_of(page)
    assert rows(admin_client.get("/networks/?page=2"))[-1] == "none"
    by_subnet = rows(admin_client.get("/networks/?sort=subnets"))
    assert by_subnet[:3] == ["network-000", "network-001", "network-002"]
    with recorded_calls() as calls:
        assert admin_client.get("/networks/-/prune/").status_code == 200
    assert len([call for call in calls if "/info" not in call]) == 2


def test_an_engine_that_is_down_is_said_so(admin_client, settings):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    assert admin_client.get("/networks/").status_code == 503
    assert admin_client.get("/api/networks").status_code == 503


def test_a_stranger_gets_nothing(stranger_client, docker):
    made = docker.create_network("spare")["Id"]
    assert stranger_client.get("/networks/").status_code == 302
    assert stranger_client.post(f"/networks/{made}/delete/").status_code == 302
    assert stranger_client.delete(f"/api/network/{made}/delete").status_code == 401
    assert docker.inspect_network(made)["Name"] == "spare"

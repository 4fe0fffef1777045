"""/networks/new/ and POST /api/networks/create"""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from docker import APIClient
from requests.exceptions import ConnectionError

from accounts.models import AuditEntry
from containermonkey.problems import Conflict
from networks.creating import NewNetwork, create_network
from tests.backups.pages import links_of, tags_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

JSON = "application/json"
CREATE = "/api/networks/create"


def create(client: Client, **body: Any) -> Any:
    return client.post(CREATE, body, content_type=JSON)


def form(name: str, *rows: tuple[str, str, str], **values: str) -> dict[str, str]:
    data = {"name": name, "driver": "bridge", "rows": str(len(rows) or 1)} | values
    for number, row in enumerate(rows):
        names = (f"pool-{number}-{field}" for field in ("subnet", "gateway", "ip_range"))
        data |= dict(zip(names, row, strict=True))
    return data


def names(docker: APIClient) -> set[str]:
    return {network["Name"] for network in docker.networks()} - {"bridge", "host", "none"}


@pytest.mark.parametrize("also_stays", [False, True])
def test_one_that_cannot_be_looked_at_is_not_left_unsaid(
    admin_client: Client, docker: APIClient, monkeypatch: pytest.MonkeyPatch, also_stays: bool
) -> None:
    def broken_off(*_: Any) -> None:
        raise ConnectionError("broken off")

    with monkeypatch.context() as patch:
        patch.setattr("engine.client.Docker.inspect_network", broken_off)
        if also_stays:
            patch.setattr("engine.client.Docker.remove_network", broken_off)
        answer = create(admin_client, name="shop")
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_unreachable")
    words = "was made and is there" if also_stays else "was not kept"
    assert f"The network shop {words}" in answer.json()["error"]
    assert names(docker) == ({"shop"} if also_stays else set())


def test_by_the_form_it_is_made_as_it_was_asked(client: Client, docker: APIClient) -> None:
    rows = [("10.80.0.0/16", "10.80.0.9", "10.80.5.0/24"), ("fd00:80::/64", "", ""), ("", "", "")]
    values = {
        "internal": "on",
        "attachable": "on",
        "ipv6": "on",
        "options": "com.docker.network.driver.mtu=1400\r\n",
        "labels": "tier=front\nabout=a=b",
    }
    answer = client.post("/networks/new/", form("shop", *rows, **values), follow=True)
    assert "Created the network shop" in text_of(answer)
    made = docker.inspect_network("shop")
    assert answer.redirect_chain[-1][0] == f"/networks/{made['Id']}/"
    assert made["IPAM"]["Config"] == [
        {"Subnet": "10.80.0.0/16", "IPRange": "10.80.5.0/24", "Gateway": "10.80.0.9"},
        {"Subnet": "fd00:80::/64"},
    ]
    assert (made["Internal"], made["Attachable"], made["EnableIPv6"]) == (True, True, True)
    assert made["Options"] == {"com.docker.network.driver.mtu": "1400"}
    assert made["Labels"] == {"tier": "front", "about": "a=b"}
    line = AuditEntry.objects.get(action="network.create")
    assert (line.target, line.result) == ("shop", AuditEntry.Result.DONE)


def test_the_api_makes_one_and_compares(client: Client) -> None:
    ipam = {"config": [{"subnet": "fd00:0081::0/64", "gateway": "fd00:81::0001"}]}
    answer = create(client, name="six", ipv6=True, ipam=ipam, labels={"a": ""})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], made["driver"], made["report"]) == ("six", "bridge", [])
    assert made["labels"] == {"a": ""}
    assert "fd00:81::/64" in [pool["subnet"] for pool in made["ipam"]["config"]]


def test_with_a_name_alone_docker_chooses(client: Client, docker: APIClient) -> None:
    assert create(client, name="plain").json()["report"] == []
    assert client.post("/networks/new/", form("plain2")).status_code == 302
    assert names(docker) == {"plain", "plain2"}


@pytest.mark.parametrize(
    ("pool", "field", "words"),
    [
        ({"subnet": "10.1.2.3/16"}, "subnet", "10.1.0.0/16 is the whole"),
        ({"subnet": "10.1.0.0"}, "subnet", "no range of addresses"),
        ({"subnet": "10.1.0.0/33"}, "subnet", "no range of addresses"),
        ({"subnet": "<b>\0"}, "subnet", "no range of addresses"),
        ({"subnet": "fe80::%eth0/64"}, "subnet", "no range of addresses"),
        ({"subnet": "10.1.0.0/31"}, "subnet", "too small"),
        ({"subnet": "224.0.0.0/24"}, "subnet", "not ones that containers can have"),
        ({"subnet": "0.0.0.0/0"}, "subnet", "not ones that containers can have"),
        ({"subnet": "fd00:9::/64"}, "subnet", "not switched on"),
        ({"subnet": ""}, "subnet", "needs its subnet"),
        ({"subnet": "10.1.0.0/16", "gateway": "10.2.0.1"}, "gateway", "not within 10.1.0.0/16"),
        ({"subnet": "10.1.0.0/16", "gateway": "fd00::1"}, "gateway", "not within"),
        ({"subnet": "10.1.0.0/16", "gateway": "10.1.0.0"}, "gateway", "stands for all"),
        ({"subnet": "10.1.0.0/16", "gateway": "10.1.255.255"}, "gateway", "stands for all"),
        ({"subnet": "10.1.0.0/16", "gateway": "one"}, "gateway", "no address"),
        ({"subnet": "10.1.0.0/16", "ip_range": "10.2.0.0/24"}, "ip_range", "not within"),
        ({"subnet": "10.1.0.0/16", "ip_range": "10.0.0.0/8"}, "ip_range", "not within"),
        ({"subnet": "10.1.0.0/16", "ip_range": "10.1.0.5/24"}, "ip_range", "is the whole"),
    ],
)
def test_addresses_that_cannot_be_are_said_beside_their_field(
    admin_client: Client, docker: APIClient, pool: dict[str, str], field: str, words: str
) -> None:
    answer = create(admin_client, name="shop", ipam={"config": [pool]})
    assert answer.status_code == 400
    assert words in answer.json()["fields"][f"ipam.config.0.{field}"]
    row = tuple(pool.get(name, "") for name in ("subnet", "gateway", "ip_range"))
    if any(row) and "\0" not in row[0]:
        shown = admin_client.post("/networks/new/", form("shop", ("", "", ""), row))
        assert shown.status_code == 422
        assert tags_of(shown, "span", id=f"id_pool-1-{field}_error")
        assert words in text_of(shown)
    assert names(docker) == set()


@pytest.mark.parametrize(
    ("pools", "words"),
    [
        (["10.1.0.0/16", "10.1.5.0/24"], "overlaps 10.1.0.0/16"),
        (["10.1.0.0/16", "10.2.0.0/16"], "one subnet of IPv4"),
    ],
)
def test_subnets_have_to_go_together(admin_client: Client, pools: list[str], words: str) -> None:
    config = [{"subnet": subnet} for subnet in pools]
    answer = create(admin_client, name="shop", ipam={"config": config})
    assert answer.status_code == 400
    assert words in answer.json()["fields"]["ipam.config.1.subnet"]


def test_a_subnet_or_name_of_another_is_a_conflict_that_names_it(
    client: Client, shop: str, docker: APIClient
) -> None:
    ipam = {"config": [{"subnet": "10.66.5.0/24"}]}
    answer = create(client, name="other", ipam=ipam)
    assert answer.status_code == 409
    assert "10.66.0.0/16 of the network shop" in answer.json()["fields"]["ipam.config.0.subnet"]
    answer = create(client, name="shop")
    assert answer.status_code == 409
    assert "a network named shop" in answer.json()["fields"]["name"]
    page = client.post("/networks/new/", form("shop", ("10.66.5.0/24", "", "")))
    assert page.status_code == 422
    assert "of the network shop" in text_of(page)
    assert tags_of(page, "span", id="id_name_error")
    assert tags_of(page, "input", name="pool-0-subnet", value="10.66.5.0/24")
    assert len(docker.networks()) == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "../x"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "host"}, "name"),
        ({"name": "default"}, "name"),
        ({"name": "x", "driver": "host"}, "driver"),
        ({"name": "x", "driver": "overlay"}, "driver"),
        ({"name": "x", "driver": "<b>"}, "driver"),
        ({"name": "x", "labels": {"containermonkey.job": "1"}}, "labels"),
        ({"name": "x", "labels": {"": "1"}}, "labels"),
        ({"name": "x", "options": {"a b": "1"}}, "options"),
        ({"name": "x", "options": {"a": "\0"}}, "options"),
        ({"name": "x", "labels": {str(n): "" for n in range(101)}}, "labels"),
        ({"name": "x", "ipam": {"config": [{"subnet": "10.1.0.0/16"}] * 17}}, "ipam.config"),
        ({"name": "x", "nmae": "y"}, "nmae"),
        ({"name": 5}, "name"),
        ({}, "name"),
    ],
)
def test_what_is_wrong_is_a_400_with_its_field(
    admin_client: Client, docker: APIClient, body: dict[str, Any], field: str
) -> None:
    answer = create(admin_client, **body)
    assert answer.status_code == 400, answer.json()
    assert field in answer.json()["fields"]
    assert names(docker) == set()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"labels": "no equals"}, "labels"),
        ({"options": "a=1\na=2"}, "options"),
        ({"driver": "overlay"}, "driver"),
        ({"name": "", "rows": "x"}, "name"),
        ({"name": "a/b", "rows": "999999"}, "name"),
    ],
)
def test_the_form_says_it_beside_the_field(
    admin_client: Client, values: dict[str, str], field: str
) -> None:
    page = admin_client.post("/networks/new/", form("x") | values)
    assert page.status_code == 422
    assert tags_of(page, "span", id=f"id_{field}_error")


def test_wrong_addresses_are_said_beside_other_faults(admin_client: Client) -> None:
    page = admin_client.post("/networks/new/", form("a/b", ("10.1.2.3/16", "", "")))
    assert tags_of(page, "span", id="id_pool-0-subnet_error")
    page = admin_client.post("/networks/new/", form("", ("10.1.2.3/16", "", ""), labels="x"))
    for field in ("name", "labels", "pool-0-subnet"):
        assert tags_of(page, "span", id=f"id_{field}_error"), field


def test_one_more_row_makes_nothing_and_keeps_what_was_typed(
    client: Client, docker: APIClient
) -> None:
    page = client.post("/networks/new/", form("shop", ("10.1.0.0/16", "", "")) | {"more": "1"})
    assert page.status_code == 200
    assert tags_of(page, "input", name="pool-0-subnet", value="10.1.0.0/16")
    assert tags_of(page, "input", name="pool-1-subnet")
    assert tags_of(page, "input", name="name", value="shop")
    assert names(docker) == set()


def test_what_the_engine_refuses_is_said_and_nothing_is_lost(client: Client) -> None:
    values = {"driver": "ipvlan", "options": "ipvlan_mode=l9"}
    page = client.post("/networks/new/", form("odd", **values))
    assert page.status_code == 422
    assert "l9" in text_of(page)
    assert tags_of(page, "input", name="name", value="odd")
    answer = create(client, name="odd", driver="ipvlan", options={"ipvlan_mode": "l9"})
    assert answer.status_code == 502


def test_the_list_leads_to_the_form(client: Client) -> None:
    assert "/networks/new/" in links_of(client.get("/networks/"))
    assert client.get("/networks/new/").status_code == 200


def test_it_has_to_be_json(admin_client: Client) -> None:
    assert admin_client.post(CREATE, {"name": "x"}).status_code == 415


def test_a_stranger_makes_nothing(stranger_client: Client, docker: APIClient) -> None:
    assert create(stranger_client, name="x").status_code == 401
    assert stranger_client.post("/networks/new/", form("x")).status_code == 302
    assert names(docker) == set()


@pytest.mark.django_db(transaction=True)
def test_of_several_who_ask_for_one_name_at_once_one_has_it(docker: APIClient) -> None:
    ready = threading.Barrier(4)

    def ask(_: int) -> str:
        ready.wait(30)
        try:
            create_network(NewNetwork("shop"))
        except Conflict as conflict:
            return conflict.fields["name"]
        finally:
            connection.close()
        return "made"

    with ThreadPoolExecutor(4) as people:
        answers = sorted(people.map(ask, range(4)))

    assert answers == ["There is a network named shop."] * 3 + ["made"]
    assert [network["Name"] for network in docker.networks(names=["shop"])] == ["shop"]

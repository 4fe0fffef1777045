"""Connecting and disconnecting, from the page of a network, from that of a container, as JSON."""

from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from accounts.models import AuditEntry
from engine.identity import SELF_LABEL
from jobs.models import Job, Status
from tests.arrange import ContainerMaker
from tests.backups.pages import links_of, tags_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

JSON = "application/json"


def connect(client: Client, network: str, container: str, **body: Any) -> Any:
    asked = {"container": container} | body
    return client.post(f"/api/network/{network}/connect", asked, content_type=JSON)


def disconnect(client: Client, network: str, container: str, **body: Any) -> Any:
    asked = {"container": container} | body
    return client.post(f"/api/network/{network}/disconnect", asked, content_type=JSON)


def networks_of(docker: APIClient, container: str) -> dict[str, Any]:
    return docker.inspect_container(container)["NetworkSettings"]["Networks"]


@pytest.fixture
def app(make_container: ContainerMaker) -> str:
    """The id of a container on Docker's own bridge."""
    return make_container("app")


def test_the_api_connects_with_names_and_an_address(
    client: Client, docker: APIClient, shop: str, app: str
) -> None:
    wish = {"aliases": ["db", "db.internal"], "ipv4_address": "10.66.0.77"}
    answer = connect(client, shop, "app", **wish)
    assert answer.status_code == 200
    assert answer.json()["changed"] is True
    found = {each["name"]: each["ipv4"] for each in answer.json()["network"]["containers"]}
    assert found["app"] == "10.66.0.77"
    made = networks_of(docker, app)["shop"]
    assert {"db", "db.internal"} <= set(made["Aliases"])
    assert made["IPAddress"] == "10.66.0.77"
    line = AuditEntry.objects.get(action="network.connect")
    assert (line.target, line.details["container"]) == ("shop", "app")


def test_what_is_connected_already_is_no_error(client: Client, shop: str) -> None:
    for wish in ({}, {"aliases": ["front"]}):
        answer = connect(client, shop, "web", **wish)
        assert (answer.status_code, answer.json()["changed"]) == (200, False)
    answer = connect(client, shop, "web", aliases=["other"])
    assert answer.status_code == 409
    assert "Disconnect it first" in answer.json()["error"]


def test_the_answer_leaves_us_out_as_lists_do(
    admin_client: Client, docker: APIClient, shop: str, app: str, make_container: ContainerMaker
) -> None:
    ours = {"shop": docker.create_endpoint_config()}
    make_container("monkey", labels={SELF_LABEL: "1"}, networking=ours)
    for answer in (
        connect(admin_client, shop, "app"),
        connect(admin_client, shop, "app"),
        disconnect(admin_client, shop, "app"),
        disconnect(admin_client, shop, "app"),
    ):
        members = {each["name"] for each in answer.json()["network"]["containers"]}
        assert members - {"app"} == {"web"}


def test_a_stopped_one_is_connected_too(
    client: Client, docker: APIClient, shop: str, make_container: ContainerMaker
) -> None:
    made = make_container("later", start=False)
    assert connect(client, shop, "later").json()["changed"] is True
    assert connect(client, shop, "later").json()["changed"] is False
    docker.start(made)
    assert networks_of(docker, made)["shop"]["IPAddress"].startswith("10.66.")
    docker.stop(made, timeout=0)
    assert disconnect(client, shop, "later").json()["changed"] is True
    assert connect(client, shop, "later", aliases=["again"]).json()["changed"] is True
    assert disconnect(client, shop, "later").json()["remaining"] == ["bridge"]
    assert list(networks_of(docker, made)) == ["bridge"]


@pytest.mark.parametrize(
    ("wish", "field", "words"),
    [
        ({"ipv4_address": "10.67.0.5"}, "ipv4_address", "not within 10.66.0.0/16"),
        ({"ipv4_address": "10.66.0.1"}, "ipv4_address", "the gateway’s"),
        ({"ipv4_address": "10.66.0.0"}, "ipv4_address", "stands for all"),
        ({"ipv4_address": "<b>"}, "ipv4_address", "no address"),
        ({"ipv4_address": "fd00::5"}, "ipv4_address", "not within"),
        ({"ipv6_address": "fd00::5"}, "ipv6_address", "no subnet of IPv6"),
        ({"aliases": ["a b"]}, "aliases", "letters, digits"),
        ({"aliases": [""]}, "aliases", "letters, digits"),
        ({"aliases": ["x" * 254]}, "aliases", "letters, digits"),
        ({"aliases": ["a"] * 21}, "aliases", ""),
        ({"alias": "a"}, "alias", ""),
    ],
)
def test_what_cannot_be_had_is_said_with_its_field(
    admin_client: Client,
    docker: APIClient,
    shop: str,
    app: str,
    wish: dict[str, Any],
    field: str,
    words: str,
) -> None:
    answer = connect(admin_client, shop, "app", **wish)
    assert answer.status_code == 400
    assert words in answer.json()["fields"][field]
    assert "shop" not in networks_of(docker, app)


def test_an_address_that_somebody_has_or_wants_is_taken(
    client: Client, docker: APIClient, shop: str, app: str, make_container: ContainerMaker
) -> None:
    later = {"shop": docker.create_endpoint_config(ipv4_address="10.66.0.50")}
    make_container("later", networking=later, start=False)
    has = networks_of(docker, "web")["shop"]["IPAddress"]
    for address, holder in ((has, "web"), ("10.66.0.50", "later")):
        answer = connect(client, shop, "app", ipv4_address=address)
        assert answer.status_code == 409
        assert f"taken by {holder}" in answer.json()["fields"]["ipv4_address"]


def test_where_docker_chose_the_subnet_it_says_so(
    client: Client, docker: APIClient, app: str
) -> None:
    made = docker.create_network("plain")["Id"]
    subnet = docker.inspect_network(made)["IPAM"]["Config"][0]["Subnet"]
    address = subnet.replace(".0.0/16", ".0.77").replace(".0/20", ".77")
    answer = connect(client, made, "app", ipv4_address=address)
    assert answer.status_code == 400
    assert "user configured subnets" in answer.json()["error"]


@pytest.mark.parametrize("network", ["host", "none"])
def test_to_these_nobody_is_connected(client: Client, app: str, network: str) -> None:
    answer = connect(client, network, "app")
    assert answer.status_code == 409
    assert f"not connected to {network}" in answer.json()["error"]
    page = client.get(f"/networks/-/connect/?network={network}")
    assert "not connected to" in text_of(page)
    assert not tags_of(page, "button", form="dialog-form")


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("host", "uses the host’s network"),
        ("container:web", "the network of another container"),
        ("none", "Disconnect it from none first"),
    ],
)
def test_these_can_be_on_no_other(
    client: Client, shop: str, make_container: ContainerMaker, mode: str, words: str
) -> None:
    made = make_container("bound", host={"network_mode": mode})
    answer = connect(client, shop, "bound")
    assert answer.status_code == 409
    assert words in answer.json()["error"]
    assert words in text_of(client.get("/networks/-/connect/?container=bound"))
    offered = tags_of(client.get(f"/networks/-/connect/?network={shop}"), "option")
    assert made not in [option.get("value") for option in offered]


def test_from_none_it_comes_away_and_then_it_can(
    admin_client: Client, shop: str, make_container: ContainerMaker
) -> None:
    make_container("bound", host={"network_mode": "none"})
    assert disconnect(admin_client, "none", "bound").json()["changed"] is True
    assert connect(admin_client, shop, "bound").json()["changed"] is True


def test_on_dockers_own_bridge_there_are_no_names_and_addresses(client: Client, shop: str) -> None:
    answer = connect(client, "bridge", "web", aliases=["a"], ipv4_address="172.17.0.77")
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"aliases", "ipv4_address"}
    page = client.get("/networks/-/connect/?network=bridge")
    assert not tags_of(page, "input", name="aliases")
    assert connect(client, "bridge", "web").json()["changed"] is True


def test_from_the_page_of_the_network(
    client: Client, docker: APIClient, shop: str, app: str
) -> None:
    here = f"/networks/-/connect/?network={shop}"
    assert here in links_of(client.get(f"/networks/{shop}/"))
    page = client.get(here)
    assert "Connect a container to shop" in text_of(page)
    assert "Within 10.66.0.0/16" in text_of(page)
    assert not tags_of(page, "input", name="ipv6_address")
    offered = [option.get("value") for option in tags_of(page, "option")]
    assert offered == ["", app]
    wrong = client.post(here, {"container": app, "ipv4_address": "10.1.1.1", "aliases": "a, b c"})
    assert wrong.status_code == 422
    assert tags_of(wrong, "span", id="id_ipv4_address_error")
    data = {"container": app, "aliases": "a, b c", "ipv4_address": "10.66.0.9"}
    done = client.post(here, data, follow=True)
    assert done.redirect_chain[-1][0] == f"/networks/{shop}/"
    assert "Connected app to shop" in text_of(done)
    assert {"a", "b", "c"} <= set(networks_of(docker, app)["shop"]["Aliases"])


def test_from_the_page_of_the_container(
    client: Client, docker: APIClient, shop: str, app: str
) -> None:
    here = f"/networks/-/connect/?container={app}"
    links = links_of(client.get("/containers/app/"))
    assert here in links
    assert any(link and link.startswith("/networks/-/disconnect/?network=") for link in links)
    page = client.get(here)
    assert "Connect app to a network" in text_of(page)
    values = [option.get("value") for option in tags_of(page, "option")]
    assert values == ["", shop]
    done = client.post(here, {"network": shop}, follow=True)
    assert done.redirect_chain[-1][0] == "/containers/app/"
    assert f"/networks/{shop}/" in links_of(done)
    assert "shop" in networks_of(docker, app)


def test_where_both_are_chosen_they_are_offered_by_name(
    admin_client: Client, shop: str, make_container: ContainerMaker
) -> None:
    made = {make_container(name, start=False): name for name in ("cod", "ant", "Eel", "bee", "dog")}
    options = tags_of(admin_client.get("/networks/-/connect/"), "option")
    offered = [made[option["value"]] for option in options if option["value"] in made]
    assert offered == ["ant", "bee", "cod", "dog", "Eel"]


@pytest.mark.parametrize("query", ["", "?network=no", "?container=no", "?network=<b>&container=x"])
def test_what_is_not_there_is_said(admin_client: Client, app: str, query: str) -> None:
    expected = 404 if query else 200
    assert admin_client.get(f"/networks/-/connect/{query}").status_code == expected
    assert admin_client.get(f"/networks/-/disconnect/{query}").status_code == 404
    assert admin_client.post(f"/networks/-/disconnect/{query}").status_code == 404


def test_nothing_chosen_is_said_beside_the_fields(admin_client: Client, shop: str) -> None:
    page = admin_client.post("/networks/-/connect/", {"network": "x"})
    assert page.status_code == 422
    assert "Choose a network." in text_of(page)
    assert "Choose a container." in text_of(page)


def test_the_api_disconnects_and_says_what_remains(
    client: Client, docker: APIClient, shop: str
) -> None:
    docker.connect_container_to_network("web", "bridge")
    first = disconnect(client, shop, "web").json()
    assert (first["changed"], first["remaining"]) == (True, ["bridge"])
    again = disconnect(client, shop, "web").json()
    assert (again["changed"], again["remaining"]) == (False, ["bridge"])
    assert disconnect(client, "bridge", "web").json()["remaining"] == []
    assert networks_of(docker, "web") == {}


def test_the_page_says_that_it_is_the_only_one(
    client: Client, docker: APIClient, shop: str, make_container: ContainerMaker
) -> None:
    make_container("side", host={"network_mode": "container:web"})
    web = docker.inspect_container("web")["Id"]
    here = f"/networks/-/disconnect/?network={shop}&container={web}&next=/networks/{shop}/"
    assert here in links_of(client.get(f"/networks/{shop}/"))
    page = client.get(here)
    assert "It is its only network" in text_of(page)
    assert "lose it too: side" in text_of(page)
    done = client.post(here, follow=True)
    assert done.redirect_chain[-1][0] == f"/networks/{shop}/"
    assert "web is on no network any more" in text_of(done)
    docker.connect_container_to_network("web", shop)
    docker.connect_container_to_network("web", "bridge")
    page = client.get(here)
    assert "only network" not in text_of(page)
    assert "The network bridge" in text_of(page)


def test_what_leads_elsewhere_is_not_followed(
    admin_client: Client, docker: APIClient, shop: str
) -> None:
    query = f"?network={shop}&container=web&next=https://example.org/"
    assert admin_client.post(f"/networks/-/disconnect/{query}").url == "/networks/"


def test_the_hosts_network_is_not_left(client: Client, make_container: ContainerMaker) -> None:
    make_container("bound", host={"network_mode": "host"})
    assert disconnect(client, "host", "bound").status_code == 409


def test_ourselves_are_not_touched(
    client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    docker.create_network("home")
    networking = {"home": docker.create_endpoint_config()}
    made = make_container("monkey", labels={SELF_LABEL: "1"}, networking=networking)
    assert disconnect(client, "home", "monkey").status_code == 403
    assert disconnect(client, "home", "monkey", force=True).status_code == 403
    query = f"?network=home&container={made}"
    assert client.post(f"/networks/-/disconnect/{query}").status_code == 403
    assert list(networks_of(docker, made)) == ["home"]


def test_while_a_job_works_on_it_it_stays_as_it_is(client: Client, shop: str, app: str) -> None:
    Job.objects.create(kind="backup", subject="app", status=Status.RUNNING)
    assert connect(client, shop, "app").status_code == 409
    assert disconnect(client, "bridge", "app").status_code == 409


def test_what_is_gone_is_a_404_by_force_too(admin_client: Client, shop: str) -> None:
    assert disconnect(admin_client, shop, "gone").status_code == 404
    assert disconnect(admin_client, shop, "gone", force=True).status_code == 404
    assert connect(admin_client, "gone", "web").status_code == 404
    assert connect(admin_client, shop, "").status_code == 400
    assert disconnect(admin_client, shop, "web", force=True).json()["changed"] is True


def test_it_has_to_be_json(admin_client: Client, shop: str) -> None:
    for act in ("connect", "disconnect"):
        answer = admin_client.post(f"/api/network/{shop}/{act}", {"container": "web"})
        assert answer.status_code == 415


def test_a_stranger_changes_nothing(stranger_client: Client, docker: APIClient, shop: str) -> None:
    assert disconnect(stranger_client, shop, "web").status_code == 401
    assert connect(stranger_client, "bridge", "web").status_code == 401
    assert stranger_client.post(f"/networks/-/disconnect/?network={shop}&container=web").url
    assert list(networks_of(docker, "web")) == ["shop"]

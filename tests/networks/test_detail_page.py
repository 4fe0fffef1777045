"""/networks/<reference>/ and GET /api/network/<id>"""

from datetime import UTC, datetime

import pytest
from django.test import Client
from docker import APIClient

from backups.models import Backup
from engine.identity import JOB_LABEL, SELF_LABEL
from networks.details import MOST_ASKED
from tests.arrange import ContainerMaker
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.backups.pages import links_of, text_of
from tests.engine_calls import recorded_calls

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

HTMX = {"HX-Request": "true"}


def test_it_says_what_it_is_and_who_is_on_it(client: Client, shop: str, docker: APIClient) -> None:
    page = client.get(f"/networks/{shop}/")
    words = text_of(page)
    for said in ("10.66.0.0/16", "10.66.0.1", "front", "bridge", "local", "Never backed up", shop):
        assert said in words, said
    assert "in use by web" in words
    assert "/containers/web/" in links_of(page)
    assert f"/networks/{shop}/delete/" not in links_of(page)
    found = client.get(f"/api/network/{shop[:12]}").json()
    assert found["name"] == "shop"
    assert [(one["name"], one["aliases"]) for one in found["containers"]] == [("web", ["front"])]
    assert "in use by web" in found["kept"]
    assert found["closed"] is None


def test_what_was_set_is_shown_and_hostile_labels_are_text(
    client: Client, docker: APIClient
) -> None:
    made = docker.create_network(
        "odd",
        internal=True,
        options={"com.docker.network.driver.mtu": "1400"},
        labels={
            "about": "<script>alert(1)</script>",
            "com.docker.compose.project": "store",
            "items": "apples",
        },
    )["Id"]
    page = client.get(f"/networks/{made}/")
    assert b"<script>alert" not in page.content
    for said in ("1400", "Internal", "items apples", "of the stack store", "No container is on it"):
        assert said in text_of(page), said
    assert f"/networks/{made}/delete/" in links_of(page)


def test_of_two_with_one_name_each_has_its_page(client: Client, docker: APIClient) -> None:
    ids = [docker.create_network("twin", check_duplicate=False)["Id"] for _ in range(2)]
    for each in ids:
        assert each in text_of(client.get(f"/networks/{each}/"))
    assert client.get("/networks/twin/").status_code == 400
    listed = links_of(client.get("/networks/"))
    assert {f"/networks/{each}/" for each in ids} <= set(listed)


def test_its_good_backups_are_named(client: Client, shop: str, data_dir) -> None:
    for number, verified in enumerate((True, False)):
        name = f"network-shop_{number}.tar.gz"
        (data_dir / "backups" / name).write_bytes(b"x")
        Backup.objects.create(
            filename=name,
            kind="network",
            container_name="shop",
            created=datetime.now(UTC),
            verified=verified,
            size=1,
        )
    links = links_of(client.get(f"/networks/{shop}/"))
    assert "/backups/network-shop_0.tar.gz/" in links
    assert "/backups/network-shop_1.tar.gz/" not in links


def test_dockers_own_is_shown_and_offers_nothing(client: Client) -> None:
    page = client.get("/networks/host/")
    assert "part of Docker" in text_of(page)
    assert not [link for link in links_of(page) if link and ("delete" in link or "/-/" in link)]


def test_ourselves_are_not_shown_and_keep_it(
    client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    made = docker.create_network("home")["Id"]
    networking = {"home": docker.create_endpoint_config()}
    make_container("monkey", labels={SELF_LABEL: "1"}, networking=networking, start=False)
    found = client.get("/api/network/home").json()
    assert found["containers"] == []
    assert "Container Monkey itself" in found["kept"]
    assert client.delete(f"/api/network/{made}/delete").status_code == 403


def test_what_a_job_made_is_not_listed_and_stays(client: Client, docker: APIClient) -> None:
    made = docker.create_network("rehearsal", labels={JOB_LABEL: "a-job"})["Id"]
    names = [each["name"] for each in client.get("/api/networks").json()["networks"]]
    assert names == ["bridge", "host", "none"]
    answer = client.delete(f"/api/network/{made}/delete")
    assert answer.status_code == 409
    assert "A job works with" in answer.json()["error"]


def test_the_part_that_follows_is_fetched_alone(client: Client, shop: str) -> None:
    answer = client.get(f"/networks/{shop}/", headers=HTMX)
    assert answer.content.decode().lstrip().startswith('<section id="members"')
    assert "web" in text_of(answer)


def test_the_cost_does_not_grow_with_the_containers(
    admin_client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    docker.create_network("full")
    networking = {"full": docker.create_endpoint_config()}
    for number in range(MOST_ASKED + 5):
        make_container(f"c{number:03}", start=False, networking=networking)
    admin_client.get("/networks/full/")
    with recorded_calls() as calls:
        page = admin_client.get("/networks/full/")
    assert len([call for call in calls if "/info" not in call]) == 2
    assert "On its page" in text_of(page)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_cannot_exist_is_a_page_that_says_so(admin_client: Client, name: str) -> None:
    assert admin_client.get(f"/networks/{quoted(name)}/").status_code == 404
    assert admin_client.get(f"/api/network/{quoted(name)}").status_code == 404


def test_an_engine_that_is_down_is_said_so(admin_client: Client, settings) -> None:
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    assert admin_client.get("/networks/bridge/").status_code == 503
    assert admin_client.get("/networks/new/").status_code == 503
    assert admin_client.get("/networks/-/connect/?network=bridge").status_code == 503


def test_a_stranger_is_asked_to_sign_in(stranger_client: Client, shop: str) -> None:
    for page in (shop, "new", "-/prune", "-/connect", "-/disconnect"):
        assert stranger_client.get(f"/networks/{page}/").status_code == 302, page
    assert stranger_client.get(f"/api/network/{shop}").status_code == 401

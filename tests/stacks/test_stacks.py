"""The list of stacks, a stack's page, and what can be done there; as pages and as JSON."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from docker import APIClient, types

from backups.models import Backup
from backups.sets.options import SetOptions
from backups.sets.services import plan_set_restore
from jobs.models import Job, Status
from jobs.worker import run_next
from tests.arrange import ContainerMaker, run_in
from tests.backups.conftest import client as client  # everybody who is signed in
from tests.backups.pages import links_of, tags_of, text_of
from tests.backups.sets.shop import MEMBERS, STACK, backed_up, compose, make_shop, remove_shop
from tests.backups.sets.shop import restored as set_restored
from tests.engine_calls import recorded_calls
from tests.waiting import wait_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]


@pytest.fixture
def shop(docker: APIClient, make_container: ContainerMaker) -> None:
    make_shop(docker, make_container)


# The list


def test_without_stacks_it_says_what_belongs_here(client: Client) -> None:
    assert "No stacks yet" in text_of(client.get("/stacks/"))
    assert client.get("/api/stacks").json() == {"stacks": []}


def test_a_stack_is_told_with_its_services(client: Client, docker: APIClient, shop: None) -> None:
    docker.stop("shop-web-1")
    (stack,) = client.get("/api/stacks").json()["stacks"]
    assert (stack["name"], stack["kind"], stack["status"]) == (STACK, "compose", "partial")
    assert {"name": "web", "image": "busybox:test", "desired": 1, "running": 0} in stack["services"]
    assert [container["name"] for container in stack["containers"]] == sorted(MEMBERS)
    assert "Partly running Compose 3 Never" in text_of(client.get("/stacks/"))


def test_a_stack_that_is_only_in_backups_is_listed(
    client: Client, docker: APIClient, shop: None
) -> None:
    backed_up()
    remove_shop(docker)
    assert "shop Only in backups" in text_of(client.get("/stacks/"))
    response = client.get("/stacks/shop/")
    assert "None of its containers is on this host" in text_of(response)
    assert not tags_of(response, "a", href="/stacks/shop/backup/")
    assert client.get("/api/stack/shop").json()["containers"] == []


def test_a_name_that_no_address_takes_hides_nothing(
    client: Client, make_container: ContainerMaker
) -> None:
    make_container("odd", labels={"com.docker.compose.project": "a/<b>"})
    assert "a/<b> busybox:test" in text_of(client.get("/stacks/"))


def test_the_list_costs_the_same_however_many_there_are(
    admin_client: Client, make_container: ContainerMaker, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        labels = {"com.docker.compose.project": f"stack-{number}"}
        make_container(f"one-{number}", labels=labels, start=False)
    with recorded_calls() as calls, django_assert_max_num_queries(8):
        admin_client.get("/stacks/")
    assert [call for call in calls if "/containers" in call] == ["GET /v1.41/containers/json"]


def test_the_list_is_searched_and_sorted(client: Client, make_container: ContainerMaker) -> None:
    for name, number in (("Alpha", 1), ("beta", 3), ("gamma", 2)):
        for each in range(number):
            labels = {"com.docker.compose.project": name}
            make_container(f"{name}-{each}", labels=labels, start=False)

    def shown(**query: str) -> list[str]:
        words = text_of(client.get("/stacks/", query)).split()
        return [word for word in words if word in ("Alpha", "beta", "gamma")]

    assert shown() == ["Alpha", "beta", "gamma"]
    assert shown(sort="-containers") == ["beta", "gamma", "Alpha"]
    assert shown(sort="nonsense") == ["Alpha", "beta", "gamma"]
    assert shown(search="BETA-2") == ["beta"]
    nothing = text_of(client.get("/stacks/", {"search": "nowhere"}))
    assert "Show all stacks" in nothing
    ordered = client.get("/stacks/?sort=-containers")
    assert tags_of(ordered, "input", type="hidden", name="sort", value="-containers")
    fragment = client.get("/stacks/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert 'id="stacks"' in fragment


# The page


def test_the_page_has_the_containers_and_the_backups(client: Client, shop: None) -> None:
    found = backed_up()
    response = client.get("/stacks/shop/")
    words = text_of(response)
    assert all(name in words for name in MEMBERS)
    assert f"/backups/sets/{found.set_id}/" in links_of(response)
    assert f"/backups/sets/{found.set_id}/restore/" in links_of(response)
    (told,) = client.get("/api/stack/shop").json()["backup_sets"]
    assert told["set_id"] == str(found.set_id)
    assert told["filenames"] == [backup.filename for backup in found.backups]


def test_a_container_with_folders_of_the_host_alone_is_shown_to_have_no_volume(
    client: Client, make_container: ContainerMaker
) -> None:
    make_container("shop-jobs-1", labels=compose("jobs"), host={"binds": ["/srv/x:/x"]})
    page = client.get("/stacks/shop/")
    assert tags_of(page, "span", **{"class": "none"})


@pytest.mark.parametrize("address", ["/stacks/x/", "/stacks/x/backup/", "/api/stack/x"])
def test_what_is_not_there_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


# Backing up


def test_the_form_says_what_is_saved_of_whom_and_what_is_run(
    client: Client, make_container: ContainerMaker, shop: None
) -> None:
    labels = compose("jobs") | {"container-monkey.backup.pre": "sync --all"}
    make_container("shop-jobs-1", labels=labels, host={"binds": ["/srv/x:/x"]})
    make_container("guest", host={"binds": ["shop_db:/data"]})
    words = text_of(client.get("/stacks/shop/backup/"))
    assert "shop-db-1 Volume shop_db" in words
    assert "shop-jobs-1 Its configuration alone. Before: sync --all" in words
    assert "because they use the same volumes: guest." in words
    assert "/srv/x" in words


def test_it_is_backed_up_from_the_page(client: Client, shop: None) -> None:
    response = client.post("/stacks/shop/backup/", {"consistency": "pause"})
    job = Job.objects.get()
    assert response["Location"] == f"/jobs/{job.progress_id}/"
    assert run_next()
    words = text_of(client.get(response["Location"]))
    assert "The backup of the stack shop is in the queue." in words
    assert "The backup of the whole stack is complete" in words
    assert Backup.objects.filter(stack=STACK).count() == 3


def test_a_choice_that_is_none_comes_back(admin_client: Client, shop: None) -> None:
    response = admin_client.post("/stacks/shop/backup/", {"consistency": "x"})
    assert response.status_code == 422
    assert not Job.objects.exists()


def test_it_is_backed_up_by_a_call(client: Client, shop: None) -> None:
    response = client.post(
        "/api/stack/shop/backup", {"consistency": "stop"}, content_type="application/json"
    )
    assert response.status_code == 202
    assert run_next()
    progress = client.get(f"/api/backup-progress/{response.json()['progress_id']}").json()
    assert (progress["status"], progress["container_name"]) == ("complete", STACK)
    backups = client.get("/api/backups").json()["backups"]
    assert {backup["stack"] for backup in backups} == {STACK}
    assert len({backup["set_id"] for backup in backups}) == 1


# Swarm stacks


@pytest.fixture
def swarm(docker: APIClient, busybox: str) -> Iterator[str]:
    """A service of a swarm stack with a volume, and its one task; the service's id."""
    docker.init_swarm("127.0.0.1:2377")
    labels = {"com.docker.stack.namespace": STACK}
    mount = types.Mount("/data", "shop_data", type="volume")
    image = types.ContainerSpec(busybox, labels=labels, mounts=[mount])
    made = docker.create_service(types.TaskTemplate(image), name="shop_db", labels=labels)
    wait_for(lambda: task_of(docker), "the task")
    yield made["ID"]
    docker.remove_service(made["ID"])
    wait_for(lambda: not docker.containers(all=True), "the task's end")
    docker.leave_swarm(force=True)


def task_of(docker: APIClient) -> str | None:
    rows = docker.containers(filters={"label": "com.docker.swarm.task.id"})
    return rows[0]["Id"] if rows else None


def scale(docker: APIClient, service: str, replicas: int) -> None:
    found = docker.inspect_service(service)
    spec = found["Spec"]
    mode = types.ServiceMode("replicated", replicas=replicas)
    docker.update_service(
        service, found["Version"]["Index"], name=spec["Name"], labels=spec["Labels"], mode=mode,
        task_template=spec["TaskTemplate"],
    )  # fmt: skip
    wait_for(lambda: bool(task_of(docker)) == bool(replicas), "the tasks")


def test_of_a_swarm_stack_the_data_alone_comes_back(
    docker: APIClient, swarm: str, admin_client: Client
) -> None:
    run_in(docker, str(task_of(docker)), "sh", "-c", "echo rows > /data/table")
    (stack,) = admin_client.get("/api/stacks").json()["stacks"]
    assert (stack["kind"], stack["status"]) == ("swarm", "running")
    assert stack["services"][0]["name"] == "shop_db"
    assert "Stop it" not in text_of(admin_client.get("/stacks/shop/backup/"))
    refused = admin_client.post("/stacks/shop/backup/", {"consistency": "stop"})
    assert refused.status_code == 422
    found = backed_up(consistency="pause")
    assert found.kind == "swarm"
    run_in(docker, str(task_of(docker)), "sh", "-c", "echo new > /data/table")

    in_use = plan_set_restore(found.set_id, SetOptions(overwrite_volumes=True)).conflicts
    assert [conflict.kind for conflict in in_use] == ["volume_in_use"]
    scale(docker, swarm, 0)
    steps = plan_set_restore(found.set_id, SetOptions(overwrite_volumes=True)).steps
    assert any("is kept until everything is restored." in step for step in steps)
    job = set_restored(found, overwrite_volumes=True)
    assert "the swarm makes those of its services by itself" in job.result["report"][0]
    assert job.result["containers"] == []
    assert not task_of(docker)

    scale(docker, swarm, 1)
    assert run_in(docker, str(task_of(docker)), "cat", "/data/table") == "rows\n"
    assert Job.objects.filter(status=Status.COMPLETE).count() == 2

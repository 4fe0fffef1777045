"""A stack is started, stopped, restarted and deleted as one."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from docker import APIClient, types

from accounts.models import AuditEntry
from engine import engine
from jobs.models import Job, Status
from stacks.swarm import REPLICAS_LABEL
from tests.arrange import STUBBORN, ContainerMaker
from tests.backups.pages import text_of
from tests.backups.sets.shop import MEMBERS, NETWORK, STACK, compose, make_shop
from tests.backups.steps import finished
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine", "data_dir"),
]


@pytest.fixture
def shop(docker: APIClient, make_container: ContainerMaker) -> None:
    make_shop(docker, make_container)


def post(client: Client, act: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(f"/api/stack/shop/{act}", body or {}, "application/json")


def states(docker: APIClient) -> dict[str, bool]:
    return {name: docker.inspect_container(name)["State"]["Running"] for name in MEMBERS}


def times(docker: APIClient, which: str) -> list[str]:
    return [docker.inspect_container(name)["State"][which] for name in MEMBERS]


def test_it_is_stopped_and_started_in_the_order_of_dependence(
    admin_client: Client, docker: APIClient, shop: None
) -> None:
    answer = post(admin_client, "stop", {"timeout": 0}).json()
    assert answer["success"]
    assert [each["name"] for each in answer["results"]] == MEMBERS[::-1]
    assert not any(states(docker).values())
    ended = times(docker, "FinishedAt")
    assert ended == sorted(ended, reverse=True)

    answer = post(admin_client, "start").json()
    assert [each["name"] for each in answer["results"]] == MEMBERS
    assert all(states(docker).values())
    begun = times(docker, "StartedAt")
    assert begun == sorted(begun)


def test_those_that_do_not_need_each_other_are_stopped_side_by_side(
    admin_client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    workers = [f"shop-worker-{number}" for number in range(8)]
    make_container("shop-db-1", command=STUBBORN, labels=compose("db"))
    for name in workers:
        make_container(name, command=STUBBORN, labels=compose("worker", "db"))
    answer = post(admin_client, "stop", {"timeout": 4}).json()
    assert answer["success"], answer
    assert {each["name"] for each in answer["results"][:-1]} == {*workers}
    assert answer["results"][-1]["name"] == "shop-db-1"

    def ended(name: str) -> datetime:
        state = docker.inspect_container(name)["State"]
        assert state["ExitCode"] == 137, f"{name} was not killed"
        return datetime.fromisoformat(state["FinishedAt"])

    times = sorted(map(ended, workers))
    assert (times[-1] - times[0]).total_seconds() < 14, "one after the other takes 28 seconds"
    assert ended("shop-db-1") > times[-1]
    stopped = AuditEntry.objects.filter(action="container.stop")
    assert {entry.username for entry in stopped} == {"ada"}


def test_a_circle_of_dependence_is_stopped_and_started_all_the_same(
    admin_client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("shop-hen-1", labels=compose("hen", "egg"))
    make_container("shop-egg-1", labels=compose("egg", "hen"))
    assert post(admin_client, "restart", {"timeout": 0}).json()["success"]
    assert len(docker.containers()) == 2


def test_it_is_restarted(admin_client: Client, docker: APIClient, shop: None) -> None:
    before = times(docker, "StartedAt")
    body = {"timeout": 0}
    assert post(admin_client, "restart", body).json()["success"]
    assert all(states(docker).values())
    assert all(now > then for now, then in zip(times(docker, "StartedAt"), before, strict=True))
    done = AuditEntry.objects.filter(target=STACK).values_list("action", flat=True)
    assert list(done) == ["stack.restart"]


def test_one_that_fails_stops_no_other(
    admin_client: Client, docker: APIClient, shop: None, make_container: ContainerMaker
) -> None:
    docker.stop("shop-web-1", timeout=0)
    make_container("thief", host={"port_bindings": {80: 8085}}, ports=[80])
    docker.stop("shop-db-1", timeout=0)
    answer = post(admin_client, "start").json()
    assert not answer["success"]
    failed = [each for each in answer["results"] if not each["success"]]
    assert [each["name"] for each in failed] == ["shop-web-1"]
    assert "8085" in failed[0]["error"]
    assert states(docker) == {"shop-db-1": True, "shop-app-1": True, "shop-web-1": False}
    [written] = AuditEntry.objects.get(action="stack.start").details["failed"]
    assert written.startswith("shop-web-1: ")


def test_pages_do_the_same_without_scripts(
    admin_client: Client, docker: APIClient, shop: None
) -> None:
    answer = admin_client.post("/stacks/shop/stop/", follow=True)
    assert "Stopped 3 containers of shop" in text_of(answer)
    assert "Start" in text_of(answer)
    assert not any(states(docker).values())
    answer = admin_client.post("/stacks/shop/start/", follow=True)
    assert "Started 3 containers of shop" in text_of(answer)
    answer = admin_client.post("/stacks/shop/restart/", follow=True)
    assert "Restarted 3 containers of shop" in text_of(answer)
    assert all(states(docker).values())


def test_what_is_deleted_with_it_is_said_before(
    admin_client: Client, docker: APIClient, shop: None
) -> None:
    page = text_of(admin_client.get("/stacks/shop/delete/"))
    assert all(f"The container {name}" in page for name in MEMBERS)
    assert f"The network {NETWORK}" in page
    answer = admin_client.post("/stacks/shop/delete/", follow=True)
    assert "Deleted 3 containers and 1 network of shop" in text_of(answer)
    assert answer.redirect_chain == [("/stacks/", 302)]
    assert not docker.containers(all=True)
    assert not docker.networks(names=[NETWORK])
    assert {volume["Name"] for volume in docker.volumes()["Volumes"]} == {"shop_db", "shop_files"}


def test_volumes_go_only_where_that_is_said_and_only_its_own(
    admin_client: Client, docker: APIClient, shop: None, make_container: ContainerMaker
) -> None:
    label = {"com.docker.compose.project": STACK}
    docker.create_volume("shop_cache", labels=label)
    docker.create_volume("shop_other", labels={"com.docker.compose.project": "shop-other"})
    docker.create_volume("shop_held", labels=label)
    make_container("holder", host={"binds": ["shop_held:/data"]})
    answer = admin_client.delete("/api/stack/shop/delete?volumes=true").json()
    assert not answer["success"]
    assert [each["name"] for each in answer["results"] if not each["success"]] == ["shop_held"]
    left = {volume["Name"] for volume in docker.volumes()["Volumes"]}
    assert left == {"shop_db", "shop_files", "shop_other", "shop_held"}
    assert docker.inspect_container("holder")["State"]["Running"]


def test_a_network_that_others_are_on_stays(
    admin_client: Client, docker: APIClient, shop: None, make_container: ContainerMaker
) -> None:
    make_container("guest", host={"network_mode": NETWORK})
    answer = admin_client.delete("/api/stack/shop/delete").json()
    failed = [each for each in answer["results"] if not each["success"]]
    assert [(each["kind"], each["name"]) for each in failed] == [("network", NETWORK)]
    assert "guest" in failed[0]["error"]


@pytest.mark.parametrize("act", ["start", "stop", "restart", "delete"])
def test_a_stack_that_is_not_here_is_not_found(admin_client: Client, act: str) -> None:
    send = admin_client.delete if act == "delete" else admin_client.post
    answer = send(f"/api/stack/nowhere/{act}", content_type="application/json")
    assert answer.status_code == 404
    assert admin_client.post(f"/stacks/nowhere/{act}/").status_code == 404


def test_what_is_not_an_option_is_refused(admin_client: Client, shop: None) -> None:
    for body in ({"timeout": -1}, {"timeout": "soon"}, {"speed": 9}):
        answer = post(admin_client, "stop", body)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert admin_client.delete("/api/stack/shop/delete?volumes=perhaps").status_code == 400


def test_who_has_not_signed_in_changes_nothing(
    stranger_client: Client, docker: APIClient, shop: None
) -> None:
    assert post(stranger_client, "stop").status_code == 401
    assert stranger_client.post("/stacks/shop/stop/").status_code in (302, 403)
    assert all(states(docker).values())


# A swarm's


def make_service(
    docker: APIClient, name: str, stack: str, mode: types.ServiceMode
) -> dict[str, str]:
    """A service of a stack; the labels that say so."""
    labels = {"com.docker.stack.namespace": stack}
    container = types.ContainerSpec("busybox:test", labels=labels, stop_grace_period=0)
    docker.create_service(types.TaskTemplate(container), name=name, labels=labels, mode=mode)
    return labels


@pytest.fixture
def swarm(docker: APIClient, busybox: str) -> Iterator[str]:
    """A stack of one service with two tasks, and of one with a task on every node."""
    docker.init_swarm("127.0.0.1:2377")
    labels = make_service(docker, "shop_web", STACK, types.ServiceMode("replicated", replicas=2))
    make_service(docker, "shop_watch", STACK, types.ServiceMode("global"))
    make_service(docker, "shops_web", "shops", types.ServiceMode("replicated", replicas=1))
    docker.create_secret("shop_key", b"hush", labels=labels)
    docker.create_network("shop_net", driver="overlay", labels=labels)
    wait_for(lambda: running(docker) == 4, "the tasks")
    yield "shop_web"
    docker.leave_swarm(force=True)


def running(docker: APIClient) -> int:
    return len(docker.containers(filters={"label": "com.docker.swarm.task.id"}))


def web_of(client: Client) -> dict[str, Any]:
    services = client.get("/api/stack/shop").json()["services"]
    return next(service for service in services if service["name"] == "shop_web")


def test_a_swarms_services_are_scaled_and_have_their_number_again(
    admin_client: Client, docker: APIClient, swarm: str
) -> None:
    answer = post(admin_client, "stop").json()
    assert not answer["success"]
    errors = {each["name"]: each["error"] for each in answer["results"]}
    assert errors["shop_web"] is None
    assert "once on every node" in errors["shop_watch"]
    wait_for(lambda: web_of(admin_client)["running"] == 0, "the end of the tasks")
    assert web_of(admin_client)["desired"] == 0
    assert docker.inspect_service(swarm)["Spec"]["Labels"][REPLICAS_LABEL] == "2"

    assert post(admin_client, "start").json()["success"]
    wait_for(lambda: web_of(admin_client)["running"] == 2, "the tasks")
    assert REPLICAS_LABEL not in docker.inspect_service(swarm)["Spec"]["Labels"]


def test_a_note_of_its_number_that_is_none_keeps_no_other_from_starting(
    admin_client: Client, docker: APIClient, swarm: str
) -> None:
    post(admin_client, "stop")
    docker.remove_service("shop_web")
    make_service(docker, "shop_web", STACK, types.ServiceMode("replicated", replicas=0))
    found = docker.inspect_service("shop_web")
    spec = found["Spec"] | {"Labels": found["Spec"]["Labels"] | {REPLICAS_LABEL: "-1e9"}}
    with engine() as client:
        client.update_service_to(found, spec)
    answer = post(admin_client, "start").json()
    assert answer["success"], answer
    assert web_of(admin_client)["desired"] == 1


def test_without_a_manager_of_the_swarm_nothing_is_told_as_done(
    admin_client: Client, make_container: ContainerMaker
) -> None:
    make_container("task", labels={"com.docker.stack.namespace": STACK})
    for act in ("start", "stop", "restart"):
        answer = post(admin_client, act)
        assert answer.status_code == 409
        assert "Only a manager of the swarm" in answer.json()["error"]
    assert admin_client.delete("/api/stack/shop/delete").status_code == 409


def test_a_swarms_tasks_are_replaced(admin_client: Client, docker: APIClient, swarm: str) -> None:
    before = {row["Id"] for row in docker.containers()}
    assert post(admin_client, "restart").json()["success"]

    def are_others() -> bool:
        now = {row["Id"] for row in docker.containers()}
        return len(now & before) == 1 and len(now) == 4

    wait_for(are_others, "the new tasks")


def test_a_swarms_services_are_redeployed(
    admin_client: Client, docker: APIClient, swarm: str
) -> None:
    before = docker.inspect_service(swarm)["Spec"]["TaskTemplate"].get("ForceUpdate", 0)
    answer = post(admin_client, "redeploy", {"pull": True})
    assert answer.status_code == 202, answer.content
    job = finished(Job.objects.get())
    assert job.status == Status.COMPLETE, job.error
    template = docker.inspect_service(swarm)["Spec"]["TaskTemplate"]
    assert template["ForceUpdate"] == before + 1
    assert template["ContainerSpec"]["Image"] == "busybox:test"
    assert any("shop_watch" in sentence for sentence in job.result["report"])


def test_a_swarms_stack_is_deleted_with_its_secrets_and_networks(
    admin_client: Client, docker: APIClient, swarm: str
) -> None:
    assert "The service shop_web" in text_of(admin_client.get("/stacks/shop/delete/"))
    answer = admin_client.delete("/api/stack/shop/delete").json()
    assert answer["success"], answer
    kinds = sorted(each["kind"] for each in answer["results"])
    assert kinds == ["network", "secret", "service", "service"]
    assert [each["Spec"]["Name"] for each in docker.services()] == ["shops_web"]
    assert not docker.secrets()
    left = admin_client.get("/api/stacks").json()["stacks"]
    assert [stack["name"] for stack in left] == ["shops"], left


def test_a_stopped_swarm_stack_is_still_listed(
    admin_client: Client, docker: APIClient, busybox: str
) -> None:
    docker.init_swarm("127.0.0.1:2377")
    try:
        make_service(docker, "shop_web", STACK, types.ServiceMode("replicated", replicas=0))
        (stack,) = admin_client.get("/api/stacks").json()["stacks"]
        assert (stack["name"], stack["kind"], stack["status"]) == (STACK, "swarm", "stopped")
        assert "shop_web" in text_of(admin_client.get("/stacks/shop/"))
    finally:
        docker.leave_swarm(force=True)


def test_labels_are_compared_whole(
    admin_client: Client, docker: APIClient, shop: None, make_container: ContainerMaker
) -> None:
    labels = compose("web") | {"com.docker.compose.project": "shop2"}
    make_container("shop2-web-1", labels=labels)
    assert admin_client.delete("/api/stack/shop/delete").json()["success"]
    assert docker.inspect_container("shop2-web-1")["State"]["Running"]

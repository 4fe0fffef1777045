"""A stack is redeployed as one."""

from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from jobs.models import Job, Status
from stacks.redeploy.services import request_stack_redeploy
from tests.arrange import ContainerMaker, run_in
from tests.backups.pages import text_of
from tests.backups.sets.shop import MEMBERS, STACK, compose, make_shop
from tests.backups.steps import failed, finished, state_of_host

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine", "data_dir"),
]

URL = "/api/stack/shop/redeploy"


@pytest.fixture
def shop(docker: APIClient, make_container: ContainerMaker) -> None:
    make_shop(docker, make_container)


def post(client: Client, body: dict[str, Any]) -> Any:
    return client.post(URL, body, "application/json")


def ids(docker: APIClient) -> list[str]:
    return [docker.inspect_container(name)["Id"] for name in MEMBERS]


def test_everything_is_made_again_in_the_order_of_dependence(
    operator_client: Client, docker: APIClient, shop: None
) -> None:
    before = ids(docker)
    answer = post(operator_client, {"pull": False})
    assert answer.status_code == 202, answer.content
    job = finished(Job.objects.get(progress_id=answer.json()["progress_id"]))
    assert job.status == Status.COMPLETE, f"{job.error}\n{job.log}"
    assert not {*ids(docker)} & {*before}
    assert len(docker.containers(all=True)) == 3, "nothing old is left"
    begun = [docker.inspect_container(name)["State"]["StartedAt"] for name in MEMBERS]
    assert begun == sorted(begun)
    assert run_in(docker, "shop-db-1", "cat", "/data/table") == "rows\n"
    assert job.undo == []


def test_one_that_does_not_come_up_brings_all_back(
    docker: APIClient, make_container: ContainerMaker, busybox: str
) -> None:
    docker.tag(busybox, "shop-web", "1")
    for service, image, needs in (("db", busybox, ()), ("web", "shop-web:1", ("db",))):
        labels = compose(service, *needs)
        make_container(f"shop-{service}-1", image=image, labels=labels)
    docker.commit("shop-db-1", "shop-web", "1", changes=['CMD ["false"]'])
    before = state_of_host(docker)
    job = failed(request_stack_redeploy(STACK, pull=False))
    assert "shop-web-1" in job.error
    assert state_of_host(docker) == before
    assert job.undo == []


def test_what_cannot_be_pulled_changes_nothing(docker: APIClient, shop: None) -> None:
    before = state_of_host(docker)
    job = failed(request_stack_redeploy(STACK))
    assert "could not be pulled" in job.error
    assert state_of_host(docker) == before


def test_it_is_said_before_and_asked_for_on_a_page(
    admin_client: Client, docker: APIClient, shop: None
) -> None:
    page = admin_client.get("/stacks/shop/redeploy/")
    assert "Pull busybox:test" in text_of(page)
    assert "Make shop-db-1 again" in text_of(page)
    plan = post(admin_client, {"pull": False, "dry_run": True}).json()["plan"]
    assert [step.split(" ")[1] for step in plan] == MEMBERS
    assert not Job.objects.exists()
    answer = admin_client.post("/stacks/shop/redeploy/", follow=True)
    assert "The redeploy of the stack shop is in the queue" in text_of(answer)
    assert Job.objects.get().arguments["pull"] is False


def test_who_may_not_and_what_is_not_there(
    admin_client: Client, stranger_client: Client, shop: None
) -> None:
    assert post(stranger_client, {}).status_code == 401
    for path in ("/api/stack/nowhere/redeploy", "/stacks/nowhere/redeploy/"):
        assert admin_client.post(path, {}, "application/json").status_code == 404
    assert post(admin_client, {"pull": "perhaps"}).status_code == 400
    assert admin_client.post(URL, {"pull": "1"}).status_code == 415
    assert not Job.objects.exists()


def test_while_a_job_works_on_it_there_is_no_other(admin_client: Client, shop: None) -> None:
    job = request_stack_redeploy(STACK, pull=False)
    Job.objects.filter(pk=job.pk).update(status=Status.RUNNING)
    assert post(admin_client, {}).status_code == 409
    stop = "/api/container/shop-db-1/stop"
    assert admin_client.post(stop, {}, "application/json").status_code == 409

"""A compose file is deployed, changed, put back, and taken back where it fails."""

import pytest
from django.test import Client
from docker import APIClient

from images.registries.services import SignIn, add_registry
from jobs.models import Job, Status
from stacks.deploy.services import deploy_again, look_ahead, request_deploy
from stacks.models import Deployment
from tests import images
from tests.arrange import run_in
from tests.backups.steps import failed, finished, state_of_host
from tests.registry import ADDRESS, Registry
from tests.stacks.deploy.files import BODY, SIMPLE, STACK, deployed, of_service, post

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine", "data_dir", "busybox"),
]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    admin_client: Client, docker: APIClient
) -> None:
    before = state_of_host(docker)
    answer = post(admin_client, BODY | {"dry_run": True})
    assert answer.status_code == 200, answer.content
    plan = answer.json()
    assert plan["conflicts"] == []
    assert [service["name"] for service in plan["services"]] == ["db", "web"]
    assert plan["images"] == ["busybox:test"]
    assert plan["to_pull"] == []
    assert plan["ports"] == ["0.0.0.0:8085/tcp"]
    assert [volume["name"] for volume in plan["volumes"]] == ["press_data"]
    assert [network["name"] for network in plan["networks"]] == ["press_default"]
    assert state_of_host(docker) == before
    assert not Deployment.objects.exists()
    assert not Job.objects.exists()


def test_a_file_becomes_a_stack(admin_client: Client, docker: APIClient) -> None:
    answer = post(admin_client, BODY | {"env": "GREETING=good morning"})
    assert answer.status_code == 202, answer.content
    assert (answer.json()["stack"], answer.json()["version"]) == (STACK, 1)
    job = finished(Job.objects.get())
    assert job.status == Status.COMPLETE, f"{job.error}\n{job.log}"
    [web] = of_service(docker, "web")
    assert web["State"] == "running"
    assert run_in(docker, web["Id"], "sh", "-c", "echo $GREETING") == "good morning\n"
    assert "The volume press_data was made." in job.result["report"]
    assert job.result["went_wrong"] == []
    (stack,) = admin_client.get("/api/stacks").json()["stacks"]
    assert (stack["name"], stack["status"]) == (STACK, "running")

    (found,) = admin_client.get("/api/stack/press/deployments").json()["deployments"]
    assert (found["version"], found["status"], found["asked_by"]) == (1, "complete", "ada")
    assert found["env"] == ["GREETING"]
    whole = admin_client.get("/api/stack/press/deployments/1").json()
    assert whole["compose"] == SIMPLE
    assert whole["variables"] == {"GREETING": "good morning"}


def test_a_change_makes_again_only_what_differs_and_can_be_put_back(docker: APIClient) -> None:
    deployed()
    [db], [web] = of_service(docker, "db"), of_service(docker, "web")
    job = deployed(env={"GREETING": "bye"})
    [same], [other] = of_service(docker, "db"), of_service(docker, "web")
    assert same["Id"] == db["Id"]
    assert other["Id"] != web["Id"]
    names = [each["Names"][0].removeprefix("/") for each in (same, other)]
    assert f"{names[0]} is the same as before." in job.result["report"]
    assert f"{names[1]} was made again." in job.result["report"]

    finished(deploy_again(STACK, 1))
    [web] = of_service(docker, "web")
    assert run_in(docker, web["Id"], "sh", "-c", "echo $GREETING") == "hello\n"
    newest = Deployment.objects.first()
    assert newest is not None
    assert (newest.version, newest.variables) == (3, {})


ALONE = "services:\n  db:\n    image: busybox:test\n    stop_grace_period: 0s\n"


def test_what_is_no_longer_in_the_file_goes_only_where_that_is_said(docker: APIClient) -> None:
    deployed()
    plan = look_ahead(STACK, ALONE, {})
    [orphan] = plan.orphans
    assert f"Leave {orphan} alone, whose service is not in the file." in plan.steps
    deployed(ALONE)
    assert of_service(docker, "web")
    job = deployed(ALONE, remove_orphans=True)
    assert not of_service(docker, "web")
    assert f"{orphan} was removed." in job.result["report"]


def test_a_first_deployment_that_fails_leaves_nothing_but_what_was_there(
    docker: APIClient,
) -> None:
    docker.create_volume("press_data", labels={"com.docker.compose.project": STACK})
    before = state_of_host(docker)
    broken = SIMPLE.replace("depends_on: [db]", "depends_on: [db]\n    command: [/nowhere]")
    job = failed(request_deploy(STACK, broken + "  more: {}\n", {}))
    assert "did not get through" in job.error
    assert "/nowhere" in job.error
    assert state_of_host(docker) == before
    assert job.undo == []


def test_a_change_that_fails_says_how_the_stack_is(docker: APIClient) -> None:
    deployed()
    [db] = of_service(docker, "db")
    broken = SIMPLE.replace("depends_on: [db]", "depends_on: [db]\n    command: [/nowhere]")
    job = failed(request_deploy(STACK, broken, {}))
    assert "as the plugin has left it" in job.error
    [same] = of_service(docker, "db")
    assert same["Id"] == db["Id"]
    name = same["Names"][0].removeprefix("/")
    assert f"{name} is the same as before." in job.result["report"]
    assert any("was made again" in sentence for sentence in job.result["report"])


def test_what_does_not_go_on_running_is_said() -> None:
    job = deployed("services:\n  web:\n    image: busybox:test\n    command: [sh, -c, 'exit 3']\n")
    [sentence] = job.result["went_wrong"]
    assert "exit code 3" in sentence


def test_an_image_is_pulled_by_who_is_signed_in_to_its_registry(
    docker: APIClient, registry: Registry
) -> None:
    images.build(docker, "local:1", ["LABEL from=registry"])
    reference = registry.put(docker, "local:1", "app", "1")
    docker.remove_image("local:1", force=True)
    registry.require("otto", "a-secret-word")
    file = SIMPLE.replace("busybox:test", reference)
    assert "could not be pulled" in failed(request_deploy(STACK, file, {})).error
    add_registry(SignIn(ADDRESS, "otto", "a-secret-word"))
    assert deployed(file).result["went_wrong"] == []
    assert docker.inspect_image(reference)


def test_an_image_that_cannot_be_had_changes_nothing(docker: APIClient) -> None:
    before = state_of_host(docker)
    job = failed(request_deploy(STACK, SIMPLE.replace("busybox:test", "127.0.0.1:1/none:x"), {}))
    assert "could not be pulled" in job.error
    assert state_of_host(docker) == before


def test_who_asks_twice_before_it_has_begun_has_one_deployment() -> None:
    job = request_deploy(STACK, SIMPLE, {"A": "1"})
    assert request_deploy(STACK, SIMPLE, {"A": "1"}) == job
    assert request_deploy(STACK, SIMPLE, {"A": "2"}) != job
    assert request_deploy(STACK, SIMPLE, {"A": "1"}) != job
    assert Job.objects.count() == 3


def test_too_many_versions_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stacks.deploy.services.MOST_KEPT", 2)
    for number in range(4):
        request_deploy(STACK, SIMPLE, {"NUMBER": str(number)})
    assert [each.version for each in Deployment.objects.all()] == [4, 3]

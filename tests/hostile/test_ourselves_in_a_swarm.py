"""Our own service, where we run as a task of a swarm: whatever is tried, it stays as it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from docker import APIClient, types

from engine.identity import SELF_LABEL
from jobs.models import Job
from jobs.worker import run_next
from tests.images import build, ensure_busybox
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine", "data_dir"),
]

JSON = "application/json"
STACK = "tools"
IN_STACK = {"com.docker.stack.namespace": STACK}
OURS, OTHER = "tools_monkey", "tools_web"
VOLUME, NETWORK, SECRET = "tools_data", "tools_net", "tools_key"


@dataclass(frozen=True)
class InSwarm:
    """Our service's task, and what it stands on."""

    docker: APIClient
    container: str

    def state(self) -> dict[str, Any]:
        """Everything that must be the same after somebody has tried everything."""
        service = self.docker.inspect_service(OURS)
        container = self.docker.inspect_container(self.container)
        return {
            "service": (service["ID"], service["Spec"]),
            "task": (container["Id"], container["State"], container["RestartCount"]),
            "image": self.docker.inspect_image("monkey:1")["RepoTags"],
            "volume": self.docker.inspect_volume(VOLUME)["CreatedAt"],
            "network": self.docker.inspect_network(NETWORK)["Id"],
            "secret": [each["Spec"]["Name"] for each in self.docker.secrets()],
        }


@pytest.fixture
def ours(docker: APIClient) -> Iterator[InSwarm]:
    """A stack of our service, with a volume, a network and a secret, and of another one."""
    ensure_busybox(docker)
    build(docker, "monkey:1", [f"LABEL {SELF_LABEL}=1"])
    docker.init_swarm("127.0.0.1:2377")
    try:
        docker.create_volume(VOLUME, labels=IN_STACK)
        docker.create_network(NETWORK, driver="overlay", labels=IN_STACK)
        secret = docker.create_secret(SECRET, b"hush", labels=IN_STACK)["ID"]
        make_service(docker, OTHER, "busybox:test")
        make_service(
            docker,
            OURS,
            "monkey:1",
            mounts=[types.Mount("/data", VOLUME)],
            secrets=[types.SecretReference(secret, SECRET)],
        )
        for service in (OTHER, OURS):
            wait_for(lambda name=service: len(tasks(docker, name)) == 1, f"a task of {service}", 60)
        yield InSwarm(docker, tasks(docker, OURS)[0])
    finally:
        for service in docker.services():
            docker.remove_service(service["ID"])
        wait_for(lambda: not docker.containers(all=True), "the end of the tasks", 60)
        docker.remove_network(NETWORK)  # without its swarm nobody can
        docker.leave_swarm(force=True)


@pytest.fixture
def untouched(ours: InSwarm) -> Iterator[InSwarm]:
    """The same, which has to be as it was when everything was tried."""
    before = ours.state()
    yield ours
    assert ours.state() == before


def make_service(docker: APIClient, name: str, image: str, **more: Any) -> None:
    container = types.ContainerSpec(
        image, command=["sleep", "1000"], labels=IN_STACK, stop_grace_period=0, **more
    )
    template = types.TaskTemplate(container, networks=[NETWORK])
    docker.create_service(template, name=name, labels=IN_STACK)


def tasks(docker: APIClient, service: str) -> list[str]:
    label = f"com.docker.swarm.service.name={service}"
    return [row["Id"] for row in docker.containers(filters={"label": label})]


def errors_of(answer: Any) -> dict[str, str | None]:
    assert answer.status_code == 200, answer.content
    return {each["name"]: each["error"] for each in answer.json()["results"]}


def test_our_service_goes_on_while_the_others_of_its_stack_are_acted_on(
    admin_client: Client, untouched: InSwarm
) -> None:
    for verb in ("restart", "stop", "start"):
        errors = errors_of(admin_client.post(f"/api/stack/{STACK}/{verb}", {}, JSON))
        assert errors[OTHER] is None
        assert "is Container Monkey itself" in str(errors[OURS]), verb
        admin_client.post(f"/stacks/{STACK}/{verb}/")
        told = admin_client.post("/api/stacks/bulk", {"action": verb, "names": [STACK]}, JSON)
        assert "is Container Monkey itself" in told.json()["results"][0]["error"]
        admin_client.post("/stacks/-/bulk/", {"action": verb, "id": [STACK]})


def test_our_service_is_not_redeployed(admin_client: Client, untouched: InSwarm) -> None:
    for path in (f"/api/stack/{STACK}/redeploy", f"/stacks/{STACK}/redeploy/"):
        answer = admin_client.post(path, {"pull": True}, JSON)
        assert answer.status_code == 403, path
        assert "Container Monkey" in answer.content.decode()
    assert not Job.objects.exists()


def test_nor_by_a_job_that_was_asked_for_before_it_was_ours(untouched: InSwarm) -> None:
    job = Job.objects.create(
        kind="stack_redeploy", subject=STACK, arguments={"stack": STACK, "pull": False}
    )
    assert run_next()
    job.refresh_from_db()
    assert "is Container Monkey itself" in job.error


def test_our_stack_is_deleted_around_us(admin_client: Client, untouched: InSwarm) -> None:
    errors = errors_of(admin_client.delete(f"/api/stack/{STACK}/delete?volumes=true"))
    assert errors[OTHER] is None
    for kept in (OURS, NETWORK, VOLUME, SECRET):
        assert errors[kept], kept
    admin_client.post(f"/stacks/{STACK}/delete/", {"volumes": "on"})
    body = {"action": "delete", "names": [STACK], "volumes": True}
    assert not admin_client.post("/api/stacks/bulk", body, JSON).json()["results"][0]["success"]
    services = [each["Spec"]["Name"] for each in untouched.docker.services()]
    assert services == [OURS]


def test_our_task_and_what_it_stands_on_are_out_of_reach(
    admin_client: Client, untouched: InSwarm
) -> None:
    name = untouched.docker.inspect_container(untouched.container)["Name"].removeprefix("/")
    calls = [
        *(("post", f"/api/container/{name}/{verb}") for verb in ("stop", "restart", "kill")),
        *(("post", f"/api/container/{name}/{verb}") for verb in ("pause", "redeploy")),
        ("delete", f"/api/container/{name}/delete?force=true"),
        ("delete", f"/api/volume/{VOLUME}/delete?force=true"),
        ("delete", f"/api/network/{NETWORK}/delete"),
        ("delete", "/api/image/monkey:1/delete?force=true"),
        ("post", f"/api/volume/{VOLUME}/backup"),
    ]
    for method, path in calls:
        answer = getattr(admin_client, method)(path, {}, content_type=JSON)
        assert answer.status_code in (403, 409), (path, answer.content)
        assert "Container Monkey" in answer.json()["error"], path

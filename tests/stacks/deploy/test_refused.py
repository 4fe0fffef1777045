"""What is said and refused before anything of a compose file is deployed."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from containermonkey.problems import Invalid
from jobs.models import Job
from stacks.deploy.services import look_ahead
from stacks.models import Deployment
from tests.arrange import ContainerMaker
from tests.backups.steps import state_of_host
from tests.stacks.deploy.files import BODY, SIMPLE, STACK, post

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine", "data_dir", "busybox"),
]


def test_what_is_in_the_way_is_said_before(
    admin_client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("thief", host={"port_bindings": {80: 8085}}, ports=[80])
    make_container("taken")
    compose = SIMPLE.replace("  web:\n", "  web:\n    container_name: taken\n")
    compose += "networks:\n  default: {external: true, name: gone}\n"
    before = state_of_host(docker)
    answer = post(admin_client, {"name": STACK, "compose": compose})
    assert answer.status_code == 409, answer.content
    found = {each["kind"]: each["message"] for each in answer.json()["conflicts"]}
    assert {*found} == {"port", "container", "network"}
    assert "thief" in found["port"]
    assert state_of_host(docker) == before
    assert not Deployment.objects.exists()


def test_a_stack_that_others_made_is_not_taken_over(
    admin_client: Client, make_container: ContainerMaker
) -> None:
    labels = {"com.docker.compose.project": STACK, "com.docker.compose.service": "web"}
    make_container("press-web-1", labels=labels)
    answer = post(admin_client, BODY)
    assert answer.status_code == 409
    assert "not deployed from here" in answer.json()["error"]


def test_our_own_stack_is_left_alone(admin_client: Client, make_container: ContainerMaker) -> None:
    labels = {"com.docker.compose.project": STACK, "containermonkey.self": "yes"}
    make_container("monkey", labels=labels)
    answer = post(admin_client, BODY | {"remove_orphans": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


REACHING = """
services:
  web:
    image: busybox:test
    privileged: true
    pid: host
    cap_add: [SYS_ADMIN]
    devices: [/dev/null:/dev/zip]
    volumes:
      - /srv:/srv:ro
      - {type: bind, source: /run/../var/run, target: /run}
      - etc:/config
volumes:
  etc: {driver_opts: {type: none, o: bind, device: /etc}}
"""


def test_the_plan_tells_what_of_the_host_is_reached(admin_client: Client) -> None:
    answer = post(admin_client, BODY | {"compose": REACHING, "dry_run": True})
    assert answer.status_code == 200, answer.content
    told = answer.json()["plan"]
    for sentence in (
        "web is privileged: it may do everything that the host may.",
        "web gets /srv of the host.",
        "web shares the host’s processes.",
        "web gets the capability SYS_ADMIN.",
        "web gets the host’s device /dev/null.",
        "The volume etc stands for /etc of the host.",
    ):
        assert sentence in told
    assert any("var/run of the host, and with the Docker socket" in each for each in told)
    plain = post(admin_client, BODY | {"dry_run": True}).json()
    assert plain["notes"] == []


def test_our_own_data_is_given_to_no_stack(admin_client: Client, data_dir: Path) -> None:
    mount = f"volumes: ['{data_dir}/backups:/all']"
    compose = f"services:\n  web:\n    image: busybox:test\n    {mount}\n"
    answer = post(admin_client, BODY | {"compose": compose})
    assert answer.status_code == 409
    assert "Container Monkey's own data" in answer.json()["error"]
    assert not Job.objects.exists()


@pytest.mark.parametrize("name", ["", "Press", "../x", "-p", "a b", "x" * 63 + "y", "ä", "a\n"])
def test_a_name_that_is_none_is_refused(admin_client: Client, name: str) -> None:
    answer = post(admin_client, BODY | {"name": name})
    assert answer.status_code == 400
    assert "name" in answer.json()["fields"]
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"compose": ""}, "compose"),
        ({"compose": "services: {web: {image: a, ports: true}}"}, "compose"),
        ({"compose": "services: {web: {image: a, extends: other}}"}, "compose"),
        ({"compose": "services: {web: {image: a, env_file: x}}"}, "compose"),
        ({"compose": "\ud800"}, "compose"),
        ({"compose": 3}, "compose"),
        ({"env": "no variable"}, "env"),
        ({"env": {"A": "two\nlines"}}, "env"),
        ({"env": {"A B": "x"}}, "env"),
        ({"env": {"A": "\ud800"}}, "env"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_deployed_is_refused_with_its_field(
    admin_client: Client, change: dict[str, Any], field: str
) -> None:
    answer = post(admin_client, BODY | change)
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["fields"]) == [field], answer.json()
    assert "/tmp" not in answer.json()["error"]
    assert not Job.objects.exists()


def test_the_name_may_stand_in_the_file(admin_client: Client) -> None:
    answer = post(admin_client, {"compose": f"name: {STACK}\n{SIMPLE}", "dry_run": True})
    assert answer.json()["name"] == STACK


def test_who_has_not_signed_in_deploys_nothing(stranger_client: Client) -> None:
    assert post(stranger_client, BODY).status_code == 401
    assert not Job.objects.exists()


def test_what_is_not_json_is_415(admin_client: Client) -> None:
    assert admin_client.post("/api/stacks/deploy", BODY).status_code == 415


def test_what_was_never_deployed_has_no_deployments(admin_client: Client) -> None:
    for path in ("/api/stack/x/deployments", "/api/stack/x/deployments/1", "/stacks/x/deploy/"):
        assert admin_client.get(path).status_code == 404
    for path in ("/stacks/x/deployments/", "/stacks/x/deployments/1/"):
        assert admin_client.get(path).status_code == 404
    assert admin_client.post("/stacks/x/deployments/1/again/").status_code == 404


def test_a_swarm_stack_of_that_name_is_in_the_way(
    make_container: ContainerMaker, docker: APIClient
) -> None:
    make_container("task", labels={"com.docker.stack.namespace": STACK})
    [conflict] = look_ahead(STACK, SIMPLE, {}).conflicts
    assert "swarm" in conflict.message


def test_a_file_that_compose_refuses_is_told_in_its_words() -> None:
    with pytest.raises(Invalid, match="compose") as refused:
        look_ahead(STACK, "services: {web: {image: a, restart: [never]}}", {})
    assert "restart" in refused.value.fields["compose"]

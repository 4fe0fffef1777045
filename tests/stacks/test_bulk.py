"""One act on many stacks."""

from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from accounts.models import AuditEntry
from jobs.models import Job
from tests.arrange import ContainerMaker
from tests.backups.pages import text_of
from tests.engine_calls import recorded_calls

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine", "data_dir"),
]

NAMES = ["one", "two", "three"]


@pytest.fixture
def stacks(docker: APIClient, make_container: ContainerMaker) -> None:
    for name in NAMES:
        labels = {"com.docker.compose.project": name, "com.docker.compose.service": "web"}
        docker.create_network(f"{name}_default", labels=labels)
        docker.create_volume(f"{name}_data", labels=labels)
        make_container(f"{name}-web-1", labels=labels)


def post(client: Client, **body: Any) -> Any:
    return client.post("/api/stacks/bulk", body, "application/json")


def running(docker: APIClient) -> set[str]:
    return {row["Names"][0].removeprefix("/") for row in docker.containers()}


def test_many_are_stopped_and_started(
    operator_client: Client, docker: APIClient, stacks: None
) -> None:
    answer = post(operator_client, action="stop", names=["one", "gone", "two", "one"])
    assert answer.status_code == 200, answer.content
    results = answer.json()["results"]
    assert [(each["name"], each["success"]) for each in results] == [
        ("one", True),
        ("gone", False),
        ("two", True),
    ]
    assert "gone" in results[1]["error"]
    assert running(docker) == {"three-web-1"}
    answer = operator_client.post(
        "/stacks/-/bulk/", {"action": "start", "id": ["one", "two"]}, follow=True
    )
    assert "Started 2 stacks" in text_of(answer)
    assert len(running(docker)) == 3


def test_what_goes_is_said_before_and_volumes_only_where_that_is_said(
    admin_client: Client, docker: APIClient, stacks: None
) -> None:
    chosen = {"action": "delete", "id": ["one", "two", "gone"]}
    with recorded_calls() as calls:
        page = admin_client.post("/stacks/-/bulk/", chosen)
    assert len([call for call in calls if "/networks" in call or "/volumes" in call]) == 2
    assert "Delete 2 stacks?" in text_of(page)
    for words in ("The container one-web-1", "The network two_default", "The volume two_data"):
        assert words in text_of(page)
    assert len(running(docker)) == 3
    chosen |= {"id": ["one", "two"], "confirmed": "1"}
    answer = admin_client.post("/stacks/-/bulk/", chosen, follow=True)
    assert "Deleted 2 stacks" in text_of(answer)
    assert running(docker) == {"three-web-1"}
    assert len(docker.volumes()["Volumes"]) == 3
    answer = post(admin_client, action="delete", names=["three"], volumes=True)
    assert answer.json()["results"][0]["success"]
    left = {volume["Name"] for volume in docker.volumes()["Volumes"]}
    assert left == {"one_data", "two_data"}


def test_backups_are_asked_for(admin_client: Client, stacks: None) -> None:
    answer = admin_client.post("/stacks/-/bulk/", {"action": "backup", "id": NAMES}, follow=True)
    assert "Asked for the backup of 3 stacks" in text_of(answer)
    asked = Job.objects.values_list("subject", "requested_by__username")
    assert {*asked} == {(name, "ada") for name in NAMES}


@pytest.mark.parametrize(
    "body",
    [
        {"action": "explode", "names": ["one"]},
        {"action": "stop", "names": []},
        {"action": "stop", "names": [f"s{n}" for n in range(101)]},
        {"action": "stop", "names": ["one"], "speed": 9},
        {"action": "stop"},
    ],
)
def test_what_makes_no_sense_is_refused(
    admin_client: Client, docker: APIClient, stacks: None, body: dict[str, Any]
) -> None:
    answer = post(admin_client, **body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert len(running(docker)) == 3


def test_none_and_nobody(
    admin_client: Client, stranger_client: Client, docker: APIClient, stacks: None
) -> None:
    page = admin_client.post("/stacks/-/bulk/", {"action": "stop"}, follow=True)
    assert "No stack was selected" in text_of(page)
    assert admin_client.post("/stacks/-/bulk/", {"action": "x", "id": "one"}).status_code == 400
    assert post(stranger_client, action="stop", names=["one"]).status_code == 401
    assert len(running(docker)) == 3


def test_operators_delete_none_of_several_and_are_not_asked(
    operator_client: Client, docker: APIClient, stacks: None
) -> None:
    chosen = {"action": "delete", "id": NAMES}
    asked = operator_client.post("/stacks/-/bulk/", chosen)
    assert asked.status_code == 403
    assert "This takes the right to delete" in text_of(asked)
    told = operator_client.post("/stacks/-/bulk/", chosen | {"confirmed": "1"}, follow=True)
    assert "3 stacks failed." in text_of(told)
    results = post(operator_client, action="delete", names=NAMES, volumes=True).json()["results"]
    assert all("This takes the right to delete" in each["error"] for each in results)
    assert len(running(docker)) == 3
    assert len(docker.networks("_default")) == 3
    refused = AuditEntry.objects.filter(action="stack.delete", result="failed")
    assert {line.target for line in refused} == {*NAMES}

"""The pages on which compose files are deployed."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jobs.models import Job
from stacks.models import Deployment
from stacks.services import stacks_and_lost_ones
from tests.arrange import ContainerMaker
from tests.backups.pages import links_of, text_of
from tests.backups.steps import failed, finished
from tests.stacks.deploy.files import SIMPLE, STACK, deployed

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine", "data_dir", "busybox"),
]

NEW = "/stacks/-/deploy/"
ALONE = "services:\n  db:\n    image: busybox:test\n    stop_grace_period: 0s\n"


def test_the_plan_is_shown_before(admin_client: Client) -> None:
    assert NEW in links_of(admin_client.get("/stacks/"))
    answer = admin_client.post(NEW, {"name": STACK, "compose": SIMPLE})
    assert answer.status_code == 200
    assert "Make and start web from busybox:test" in text_of(answer)
    assert "GREETING" in text_of(answer), "the text stays in the form"
    assert not Job.objects.exists()


def test_an_uploaded_file_is_deployed(admin_client: Client) -> None:
    file = SimpleUploadedFile("compose.yaml", b"\xef\xbb\xbf" + ALONE.encode())
    answer = admin_client.post(NEW, {"name": STACK, "file": file, "deploy": "1"}, follow=True)
    assert "Version 1 of press is in the queue" in text_of(answer)
    assert Deployment.objects.get().compose == ALONE


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * ((1 << 20) + 1)])
def test_a_file_that_is_none_is_refused(admin_client: Client, content: bytes) -> None:
    file = SimpleUploadedFile("compose.yaml", content)
    answer = admin_client.post(NEW, {"name": STACK, "file": file, "deploy": "1"})
    assert answer.status_code == 422
    assert not Deployment.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"compose": ""}, "is empty"),
        ({"name": "No Name"}, "must be small letters"),
        ({"compose": "services: {web: {image: a, build: .}}"}, "images are not built here"),
        ({"env": "nothing"}, "line 1 is none"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    admin_client: Client, change: dict[str, str], words: str
) -> None:
    body = {"name": STACK, "compose": SIMPLE, "deploy": "1"} | change
    answer = admin_client.post(NEW, body)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Job.objects.exists()


def test_what_is_in_the_way_is_shown(admin_client: Client, make_container: ContainerMaker) -> None:
    make_container("thief", host={"port_bindings": {80: 8085}}, ports=[80])
    answer = admin_client.post(NEW, {"name": STACK, "compose": SIMPLE, "deploy": "1"})
    assert answer.status_code == 409
    assert "that of thief" in text_of(answer)


def test_versions_are_shown_compared_and_deployed_again(admin_client: Client) -> None:
    deployed()
    body = {"compose": SIMPLE.replace("hello", "<b>bye</b>"), "deploy": "1"}
    assert admin_client.post("/stacks/press/deploy/", body).status_code == 302
    finished(Job.objects.latest("pk"))
    assert "/stacks/press/deployments/" in links_of(admin_client.get("/stacks/press/"))
    page = admin_client.get("/stacks/press/deployments/")
    assert "Version 2" in text_of(page)
    assert "Version 1" in text_of(page)
    page = admin_client.get("/stacks/press/deployments/2/")
    assert "Against version 1" in text_of(page)
    assert "- GREETING: ${GREETING:-hello}" in text_of(page)
    assert "+ GREETING: ${GREETING:-<b>bye</b>}" in text_of(page)
    assert "&lt;b&gt;bye" in page.content.decode()
    page = admin_client.get("/stacks/press/deployments/1/")
    assert "Against" not in text_of(page)
    page = admin_client.get("/stacks/press/deployments/1/?against=2")
    assert "Against version 2" in text_of(page)
    page = admin_client.get("/stacks/press/deploy/?version=1")
    assert "hello" in text_of(page)
    answer = admin_client.post("/stacks/press/deployments/1/again/", follow=True)
    assert "Version 3 of press is in the queue" in text_of(answer)


def test_a_stack_of_which_only_the_file_is_left_is_still_there(admin_client: Client) -> None:
    assert admin_client.post(NEW, {"name": STACK, "compose": ALONE, "deploy": "1"}).status_code
    Job.objects.update(arguments={"stack": STACK, "version": 9})
    failed(Job.objects.get())
    assert [stack.name for stack in stacks_and_lost_ones()] == [STACK]
    assert "Only its file" in text_of(admin_client.get("/stacks/"))
    assert "can be deployed again" in text_of(admin_client.get("/stacks/press/"))
    assert "Forget the compose file" in text_of(
        admin_client.get("/stacks/press/deployments/forget/")
    )
    answer = admin_client.post("/stacks/press/deployments/forget/", follow=True)
    assert "Forgot the compose file of press" in text_of(answer)
    assert stacks_and_lost_ones() == []
    assert admin_client.delete("/api/stack/press/deployments").status_code == 404


def test_the_file_of_a_stack_that_is_here_is_not_forgotten(
    admin_client: Client, stranger_client: Client, make_container: ContainerMaker
) -> None:
    assert admin_client.post(NEW, {"name": STACK, "compose": ALONE, "deploy": "1"}).status_code
    assert admin_client.delete("/api/stack/press/deployments").status_code == 409, "it is queued"
    Job.objects.update(status="failed")
    make_container("press-db-1", labels={"com.docker.compose.project": STACK})
    assert admin_client.delete("/api/stack/press/deployments").status_code == 409
    assert stranger_client.delete("/api/stack/press/deployments").status_code == 401
    assert Deployment.objects.exists()


def test_variables_lie_encrypted_and_a_file_outlives_their_key(
    admin_client: Client, settings: Any
) -> None:
    deployed(env={"GREETING": "open sesame"})
    assert "open sesame" not in str([*Deployment.objects.values()])
    page = f"/stacks/{STACK}/deployments/1/"
    assert "GREETING=open sesame" in text_of(admin_client.get(page))

    settings.ENCRYPTION_KEY = "another" * 10
    assert "variables can no longer be read" in text_of(admin_client.get(page))
    form = admin_client.get(f"/stacks/{STACK}/deploy/")
    assert "${GREETING" in text_of(form), "the file can be deployed with new ones"
    listed = admin_client.get(f"/api/stack/{STACK}/deployments").json()["deployments"]
    assert listed[0]["env"] == ["GREETING"]
    assert admin_client.get(f"/api/stack/{STACK}/deployments/1").json()["variables"] is None
    again = admin_client.post(f"{page}again/", headers={"accept": "application/json"})
    assert again.status_code == 409

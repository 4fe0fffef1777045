"""Where the image of a restored container comes from, when the host does not have it."""

from typing import Any

import pytest
from docker import APIClient

from backups.options import RestoreOptions
from backups.services import plan_restore, request_restore
from engine.streams import load_image
from images.handlers import remove_image
from images.registries.services import SignIn, add_registry
from images.services import tag_of
from jobs.models import Status
from jobs.running import RunningJob
from jobs.services import cancel
from tests import images
from tests.arrange import ContainerMaker
from tests.backups.steps import backed_up, failed, finished, restored, state_of_host
from tests.registry import Registry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


@pytest.fixture
def pulled(registry: Registry, docker: APIClient, make_container: ContainerMaker) -> str:
    """The reference of an image that was pulled, and of which there is a container `app`."""
    images.build(docker, "local:1", ["LABEL made=first"])
    reference = registry.put(docker, "local:1", "mine", "1")
    docker.remove_image("local:1")
    docker.pull(reference)
    make_container("app", image=reference, start=False)
    return reference


def test_an_image_that_is_gone_is_pulled_by_its_digest_and_has_its_tag_again(
    pulled: str, docker: APIClient
) -> None:
    image = docker.inspect_image(pulled)
    backup = backed_up("app")
    docker.remove_container("app")
    docker.remove_image(pulled)
    assert f"Pull the image {image['RepoDigests'][0]}." in (
        plan_restore(backup.filename, RestoreOptions()).steps
    )
    job = restored(backup)
    found = docker.inspect_container("app")
    assert found["Config"]["Image"] == pulled
    assert found["Image"] == image["Id"]
    assert job.result["report"] == []


def test_a_tag_that_means_another_image_by_now_is_left_alone(
    pulled: str, registry: Registry, docker: APIClient
) -> None:
    image = docker.inspect_image(pulled)
    backup = backed_up("app")
    docker.remove_container("app")
    docker.remove_image(pulled)
    images.build(docker, "local:2", ["LABEL made=second"])
    repository, _, tag = pulled.rpartition(":")
    docker.tag("local:2", repository, tag)
    second = docker.inspect_image("local:2")["Id"]
    restored(backup)
    assert docker.inspect_container("app")["Image"] == image["Id"]
    assert docker.inspect_image(pulled)["Id"] == second


def test_an_image_that_no_registry_has_leaves_everything_as_it_was(
    pulled: str, registry: Registry, docker: APIClient
) -> None:
    backup = backed_up("app")
    docker.remove_container("app")
    docker.remove_image(pulled)
    registry.stop()
    before = state_of_host(docker)
    job = failed(request_restore(backup.filename, RestoreOptions()))
    assert "mine" in job.log
    assert state_of_host(docker) == before
    assert docker.images(pulled) == []


def test_the_sign_in_to_the_registry_goes_along(
    pulled: str, registry: Registry, docker: APIClient
) -> None:
    backup = backed_up("app")
    docker.remove_container("app")
    docker.remove_image(pulled)
    registry.require("otto", "secret")
    refused = failed(request_restore(backup.filename, RestoreOptions()))
    assert "let us not have it" in refused.error
    add_registry(SignIn("127.0.0.1:5000", "otto", "secret"))
    restored(backup)
    assert docker.inspect_container("app")["Config"]["Image"] == pulled


def test_a_pull_is_cancelled(
    pulled: str, docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancel_then_advance(self: RunningJob, count: int) -> None:
        if self.job.step.startswith("Pulling"):
            cancel(self.job.progress_id)
        advance(self, count)

    backup = backed_up("app")
    docker.remove_container("app")
    docker.remove_image(pulled)
    advance = RunningJob.advance
    monkeypatch.setattr("jobs.running.WRITE_INTERVAL", 0)
    monkeypatch.setattr(RunningJob, "advance", cancel_then_advance)
    job = finished(request_restore(backup.filename, RestoreOptions()))
    assert job.status == Status.CANCELLED
    assert docker.images(pulled) == []


def test_an_image_that_was_named_without_a_tag_keeps_its_name(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    images.build(docker, "mine:latest", ["LABEL made=first"])
    made = make_container("app", image="mine", start=False)
    backup = backed_up("app", include_image=True)
    docker.remove_container(made)
    docker.remove_image("mine:latest")
    assert restored(backup).result["report"] == []
    assert docker.inspect_container("app")["Config"]["Image"] == "mine"


def test_loading_an_image_leaves_its_tag_to_the_image_that_has_it_now(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    images.build(docker, "mine:1", ["LABEL made=first"])
    first = docker.inspect_image("mine:1")["Id"]
    made = make_container("app", image="mine:1", start=False)
    backup = backed_up("app", include_image=True)
    docker.remove_container(made)
    docker.remove_image("mine:1")
    images.build(docker, "mine:1", ["LABEL made=second"])
    second = docker.inspect_image("mine:1")["Id"]
    restored(backup)
    assert docker.inspect_container("app")["Image"] == first
    assert docker.inspect_image("mine:1")["Id"] == second


def test_a_restore_that_fails_after_loading_leaves_all_tags_as_they_were(
    docker: APIClient, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_and_fail(*arguments: Any) -> None:
        load_image(*arguments)
        raise OSError("broken for the test")

    images.build(docker, "mine:1", ["LABEL made=first"])
    made = make_container("app", image="mine:1", start=False)
    backup = backed_up("app", include_image=True)
    docker.remove_container(made)
    docker.remove_image("mine:1")
    images.build(docker, "mine:1", ["LABEL made=second"])
    before = {image["Id"]: image["RepoTags"] for image in docker.images()}
    monkeypatch.setattr("backups.restore.load_image", load_and_fail)
    failed(request_restore(backup.filename, RestoreOptions()))
    assert {image["Id"]: image["RepoTags"] for image in docker.images()} == before


def test_a_name_is_not_taken_for_the_beginning_of_an_images_id(
    docker: APIClient, make_container: ContainerMaker, busybox: str
) -> None:
    bystander = images.build(docker, "bystander:1", ["LABEL made=bystander"])
    name = bystander.removeprefix("sha256:")[:5]
    images.build(docker, f"{name}:latest", ["LABEL made=first"])
    made = make_container("app", image=name, start=False)
    backup = backed_up("app")
    docker.remove_container(made)
    docker.remove_image(f"{name}:latest")
    assert f"Pull the image {name}." in plan_restore(backup.filename, RestoreOptions()).steps
    remove_image(name)
    assert docker.inspect_image(bystander)


@pytest.mark.parametrize(
    ("reference", "tag"),
    [
        ("nginx", "nginx:latest"),
        ("nginx:1", "nginx:1"),
        ("docker.io/library/nginx", "nginx:latest"),
        ("docker.io/some/body:2", "some/body:2"),
        ("host:5000/some/body", "host:5000/some/body:latest"),
        ("nginx@sha256:00", "nginx@sha256:00"),
    ],
)
def test_a_reference_means_what_the_engine_lists(reference: str, tag: str) -> None:
    assert tag_of(reference) == tag

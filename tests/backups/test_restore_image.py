"""Where the image of a restored container comes from, when the host does not have it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from docker import APIClient

from backups.options import RestoreOptions
from backups.services import plan_restore, request_restore
from tests import images
from tests.arrange import ContainerMaker
from tests.backups.steps import backed_up, failed, restored, state_of_host
from tests.private_engine import PrivateEngine
from tests.registry import Registry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


@pytest.fixture
def registry(engine: PrivateEngine, tmp_path: Path) -> Iterator[Registry]:
    path = tmp_path / "registry"
    path.mkdir()
    registry = Registry(engine, path)
    registry.start()
    yield registry
    registry.stop()


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

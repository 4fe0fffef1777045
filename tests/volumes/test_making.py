"""Volumes that a job makes, and that go away again unless it gets through."""

from uuid import uuid4

import pytest
from docker import APIClient

from containermonkey.problems import Conflict
from engine import engine as open_engine
from jobs.models import Job
from jobs.undo import Undo
from tests.arrange import ContainerMaker, run_in
from volumes.making import make_volume, remove_volume

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]

JOB = str(uuid4())


@pytest.fixture
def undo() -> Undo:
    return Undo(Job.objects.create(kind="restore", subject="web"))


def make(undo: Undo, name: str = "data") -> None:
    with open_engine() as docker:
        make_volume(undo, docker, {"Name": name, "Labels": {"a": "b"}}, JOB)


def names(docker: APIClient) -> list[str]:
    return [volume["Name"] for volume in docker.volumes()["Volumes"] or []]


def test_a_volume_that_was_made_goes_with_what_is_in_it(
    undo: Undo, docker: APIClient, make_container: ContainerMaker
) -> None:
    make(undo)
    assert docker.inspect_volume("data")["Labels"] == {"a": "b"}
    filled = make_container(host={"binds": ["data:/data"]})
    run_in(docker, filled, "touch", "/data/file")
    docker.remove_container(filled, force=True)
    assert undo.unwind() == []
    assert names(docker) == []


def test_a_volume_that_somebody_uses_by_now_stays(
    undo: Undo, docker: APIClient, make_container: ContainerMaker
) -> None:
    make(undo)
    make_container(host={"binds": ["data:/data"]})
    assert undo.unwind() == []
    assert names(docker) == ["data"]


def test_a_volume_that_is_there_is_not_taken_for_a_new_one(undo: Undo, docker: APIClient) -> None:
    docker.create_volume("data")
    with pytest.raises(Conflict, match="data"):
        make(undo)
    assert undo.unwind() == []
    assert names(docker) == ["data"]


def test_a_volume_that_somebody_made_before_the_job_came_to_it_stays(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    """The worker is killed before it makes the volume, and somebody makes and fills it later."""
    filled = make_container(host={"binds": ["data:/data"]})
    run_in(docker, filled, "touch", "/data/file")
    docker.remove_container(filled, force=True)
    remove_volume("data", JOB, made=False)
    assert names(docker) == ["data"]


def test_a_volume_that_was_only_just_made_goes(docker: APIClient) -> None:
    """The worker is killed before it knows that the volume is its own."""
    docker.create_volume("data")
    for _ in range(2):
        remove_volume("data", JOB, made=False)
        assert names(docker) == []

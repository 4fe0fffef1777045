"""Networks that a job makes, and that go away again unless it gets through."""

from collections.abc import Callable

import pytest
from docker import APIClient

from containermonkey.problems import Conflict
from engine import engine as open_engine
from jobs.models import Job
from jobs.undo import Undo
from networks.making import make_network, remove_network
from tests.arrange import ContainerMaker

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]

BODY = {"Name": "front", "Driver": "bridge", "CheckDuplicate": True}


@pytest.fixture
def undo() -> Undo:
    return Undo(Job.objects.create(kind="restore", subject="web"))


def make(undo: Undo) -> None:
    with open_engine() as docker:
        make_network(undo, docker, BODY)


def is_there(docker: APIClient, network_id: str) -> bool:
    return network_id in {network["Id"] for network in docker.networks()}


def test_a_network_that_was_made_goes_again(undo: Undo, docker: APIClient) -> None:
    make(undo)
    assert docker.networks(names=["front"])
    assert undo.unwind() == []
    assert docker.networks(names=["front"]) == []


def test_a_network_that_somebody_uses_by_now_stays(
    undo: Undo, docker: APIClient, make_container: ContainerMaker
) -> None:
    make(undo)
    make_container(networking={"front": docker.create_endpoint_config()})
    assert undo.unwind() == []
    assert docker.networks(names=["front"])


def test_a_network_that_took_the_name_meanwhile_stays(undo: Undo, docker: APIClient) -> None:
    theirs = docker.create_network("front")["Id"]
    with pytest.raises(Conflict, match="front"):
        make(undo)
    assert undo.unwind() == []
    assert is_there(docker, theirs)


def test_one_that_came_after_ours_was_removed_stays(undo: Undo, docker: APIClient) -> None:
    make(undo)
    docker.remove_network("front")
    theirs = docker.create_network("front")["Id"]
    assert undo.unwind() == []
    assert is_there(docker, theirs)


@pytest.mark.parametrize("beginning", [lambda whole: whole[:6], lambda whole: whole])
def test_a_name_is_not_taken_for_an_id(docker: APIClient, beginning: Callable[[str], str]) -> None:
    theirs = docker.create_network("other")["Id"]
    remove_network(name=beginning(theirs))
    assert is_there(docker, theirs)


def test_one_that_was_only_just_made_goes(docker: APIClient) -> None:
    """The worker is killed before it knows the id of the network."""
    ours = docker.create_network("front")["Id"]
    for _ in range(2):
        remove_network(name="front")
        assert not is_there(docker, ours)

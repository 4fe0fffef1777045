"""A container is made whole, or nothing is left of the attempt."""

import pytest
from docker import APIClient

from containermonkey.problems import EngineRefused, Invalid, NotFound, Problem
from containers.create_body import create_body
from containers.recreate import create_container
from tests.arrange import ContainerMaker
from tests.containers.bodies import inspect, the_engine


@pytest.fixture
def body(make_container: ContainerMaker) -> dict:
    return create_body(inspect(make_container()))


def test_it_is_created_on_the_first_network_and_connected_to_the_others(
    docker: APIClient, body: dict
) -> None:
    for number in range(3):
        subnet = {"Subnet": f"10.7{number}.0.0/24"}
        docker.create_network(f"n{number}", ipam={"Config": [subnet]})
    body["HostConfig"]["NetworkMode"] = "n1"
    endpoints = {
        f"n{number}": {
            "Aliases": [f"alias{number}"],
            "IPAMConfig": {"IPv4Address": f"10.7{number}.0.9"},
        }
        for number in range(3)
    }
    with the_engine() as engine:
        made = create_container(engine, body, endpoints, "new")
    docker.start(made)
    networks = inspect("new")["NetworkSettings"]["Networks"]
    assert {name: each["IPAddress"] for name, each in networks.items()} == {
        name: each["IPAMConfig"]["IPv4Address"] for name, each in endpoints.items()
    }
    assert all(endpoints[name]["Aliases"][0] in networks[name]["Aliases"] for name in networks)


def test_nothing_is_left_when_a_network_is_missing(docker: APIClient, body: dict) -> None:
    endpoints = {"bridge": {}, "missing": {}}
    with pytest.raises(NotFound, match="missing"), the_engine() as engine:
        create_container(engine, body, endpoints, "new")
    assert not docker.containers(all=True, filters={"name": "new"})


def test_nothing_is_left_when_an_address_is_refused(docker: APIClient, body: dict) -> None:
    docker.create_network("n")
    endpoints = {"bridge": {}, "n": {"IPAMConfig": {"IPv4Address": "10.70.0.9"}}}
    with pytest.raises(Problem, match="subnet"), the_engine() as engine:
        create_container(engine, body, endpoints, "new")
    assert not docker.containers(all=True, filters={"name": "new"})


def test_what_the_engine_refuses_is_said_in_its_words(body: dict) -> None:
    body["HostConfig"]["Runtime"] = "kata"
    with pytest.raises((EngineRefused, Invalid), match="kata"), the_engine() as engine:
        create_container(engine, body, {}, "new")

"""On the same networks again, with what was asked for and without what was only given."""

from typing import Any

import pytest
from docker import APIClient

from containers.changes import Changes
from containers.create_body import create_body
from containers.endpoints import endpoints
from tests.arrange import ContainerMaker
from tests.containers.bodies import inspect, make, make_again


@pytest.fixture
def networks(docker: APIClient) -> None:
    docker.create_network(
        "front",
        ipam={"Config": [{"Subnet": "10.77.0.0/24"}, {"Subnet": "fd77::/64"}]},
        enable_ipv6=True,
    )
    docker.create_network("back", ipam={"Config": [{"Subnet": "10.78.0.0/24"}]})


# Networks


@pytest.mark.usefixtures("busybox", "networks")
@pytest.mark.parametrize("running", [True, False])
def test_networks_come_back_with_names_and_addresses(docker: APIClient, running: bool) -> None:
    addresses = {"IPv4Address": "10.77.0.9", "IPv6Address": "fd77::9"}
    wanted = {"IPAMConfig": addresses, "Aliases": ["web", "www"]}
    networking = {"EndpointsConfig": {"front": wanted}}
    old = make("old", {"HostConfig": {"NetworkMode": "front"}, "NetworkingConfig": networking})
    docker.connect_container_to_network(old["Id"], "back", aliases=["db"], links={"old": "self"})
    docker.start(old["Id"])
    if not running:
        docker.stop(old["Id"])
    old = inspect("old")
    assert endpoints(old) == {
        "front": wanted,
        "back": {"Aliases": ["db"], "Links": ["old:self"]},
    }
    docker.remove_container(old["Id"], force=True)
    new = make_again(old, "new", start=True)["NetworkSettings"]["Networks"]
    assert new["front"]["IPAddress"] == "10.77.0.9"
    assert new["front"]["GlobalIPv6Address"] == "fd77::9"
    assert {"web", "www"} <= set(new["front"]["Aliases"])
    assert old["Id"][:12] not in new["front"]["Aliases"] + new["back"]["Aliases"]


def test_an_address_that_was_only_given_is_not_asked_for(make_container: ContainerMaker) -> None:
    old = inspect(make_container())
    assert old["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
    assert endpoints(old) == {"bridge": {}}


@pytest.mark.usefixtures("networks")
def test_the_network_is_called_by_its_name_and_not_by_its_id(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    identity = docker.inspect_network("front")["Id"]
    for mode in (identity, identity[:12], "front"):
        old = inspect(make_container(host={"network_mode": mode}))
        assert create_body(old)["HostConfig"]["NetworkMode"] == "front"


@pytest.mark.usefixtures("networks")
def test_networks_may_have_other_names(docker: APIClient, make_container: ContainerMaker) -> None:
    old = inspect(make_container(host={"network_mode": "front"}))
    identity = docker.inspect_network("front")["Id"]
    for called in ("front", identity):
        changes = Changes(network_names={called: "front-2"})
        assert create_body(old, changes=changes)["HostConfig"]["NetworkMode"] == "front-2"
        assert list(endpoints(old, changes=changes)) == ["front-2"]


@pytest.mark.usefixtures("networks")
def test_a_container_that_left_its_first_network_comes_back_without_it(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    made = make_container(host={"network_mode": "front"})
    docker.connect_container_to_network(made, "back")
    docker.disconnect_container_from_network(made, "front")
    docker.remove_network("front")
    new = make_again(inspect(made), "new", start=True)
    assert list(new["NetworkSettings"]["Networks"]) == ["back"]


def test_a_container_that_left_all_networks_comes_back_on_none(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    made = make_container()
    docker.disconnect_container_from_network(made, "bridge")
    assert make_again(inspect(made), "new", start=True)["NetworkSettings"]["Networks"] == {}


def test_aliases_are_not_asked_of_networks_that_refuse_them(
    make_container: ContainerMaker,
) -> None:
    old = inspect(make_container())
    old["NetworkSettings"]["Networks"]["bridge"]["Aliases"] = ["web"]
    assert endpoints(old) == {"bridge": {}}
    for mode in ("host", "none"):
        assert endpoints(inspect(make_container(host={"network_mode": mode}))) == {}


def test_a_running_address_on_a_swarm_network_is_not_taken_for_a_chosen_one() -> None:
    settings = {
        "NetworkID": "t2yjrbvhwkfxpfhkqhjlnds50",
        "EndpointID": "e",
        "IPAMConfig": {"IPv4Address": "10.0.1.2"},
        "IPAddress": "10.0.1.2",
        "Aliases": ["x"],
    }
    old = on_network(settings)
    assert endpoints(old) == {"over": {"Aliases": ["x"]}}
    settings |= {"IPAddress": "", "EndpointID": ""}
    assert endpoints(old)["over"]["IPAMConfig"] == {"IPv4Address": "10.0.1.2"}


def on_network(settings: dict[str, Any], **config: Any) -> dict[str, Any]:
    """As much of an inspect as says how a container is on a network."""
    return {
        "Id": "f" * 64,
        "Config": config,
        "HostConfig": {"NetworkMode": "over"},
        "NetworkSettings": {"Networks": {"over": settings}},
    }


# MAC addresses


def test_a_generated_mac_address_is_left_to_the_engine(make_container: ContainerMaker) -> None:
    old = inspect(make_container())
    assert old["NetworkSettings"]["Networks"]["bridge"]["MacAddress"]
    assert not create_body(old).get("MacAddress")
    assert endpoints(old) == {"bridge": {}}


@pytest.mark.usefixtures("busybox")
def test_a_chosen_mac_address_stays() -> None:
    mac = "02:42:aa:00:00:01"
    old = make("old", {"MacAddress": mac}, start=True)
    assert endpoints(old)["bridge"]["MacAddress"] == mac
    new = make_again(old, "new", start=True)
    assert new["NetworkSettings"]["Networks"]["bridge"]["MacAddress"] == mac


@pytest.mark.parametrize(
    ("settings", "config", "expected"),
    [
        ({"MacAddress": "02:42:ac:11:00:02", "EndpointID": "e"}, {}, None),
        ({"MacAddress": "de:ad:be:ef:00:02", "EndpointID": "e"}, {}, None),
        ({"MacAddress": "00:16:3e:11:00:02", "EndpointID": "e"}, {}, "00:16:3e:11:00:02"),
        ({"MacAddress": "02:42:ac:11:00:02", "EndpointID": ""}, {}, "02:42:ac:11:00:02"),
        (
            {"MacAddress": "02:42:ac:11:00:02", "EndpointID": "e"},
            {"MacAddress": "02:42:ac:11:00:02"},
            "02:42:ac:11:00:02",
        ),
    ],
)
def test_newer_engines_show_mac_addresses_at_the_endpoint(
    settings: dict[str, Any], config: dict[str, Any], expected: str | None
) -> None:
    assert endpoints(on_network(settings, **config))["over"].get("MacAddress") == expected

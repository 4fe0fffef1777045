"""networks.queries: what is on the host"""

import pytest

from containermonkey.problems import Invalid, NotFound
from engine import engine as current_engine
from networks.queries import find_network, list_networks
from tests.engine_calls import recorded_calls

pytestmark = pytest.mark.usefixtures("engine")


def named(name: str):
    return next(network for network in list_networks() if network.name == name)


def found(reference: str):
    with current_engine() as docker:
        return find_network(docker, reference)


def test_a_network_is_told_whole(docker, make_container):
    docker.create_network(
        "shop",
        internal=True,
        attachable=True,
        labels={"com.docker.compose.project": "store"},
        ipam={
            "Driver": "default",
            "Config": [
                {"Subnet": "10.77.0.0/16", "Gateway": "10.77.0.9", "IPRange": "10.77.5.0/24"}
            ],
        },
    )
    endpoint = docker.create_endpoint_config(ipv4_address="10.77.5.5")
    running = make_container("web", networking={"shop": endpoint})
    network = named("shop")
    assert (network.driver, network.scope, network.stack) == ("bridge", "local", "store")
    assert (network.internal, network.attachable, network.built_in) == (True, True, False)
    pool = network.ipam.config[0]
    assert (pool.subnet, pool.gateway, pool.ip_range) == (
        "10.77.0.0/16",
        "10.77.0.9",
        "10.77.5.0/24",
    )
    assert [(m.id, m.name, m.ipv4, m.ipv6) for m in network.containers] == [
        (running, "web", "10.77.5.5", None)
    ]


def test_containers_that_do_not_run_are_on_their_networks_too(docker, make_container):
    docker.create_network("shop")
    networking = {"shop": docker.create_endpoint_config()}
    make_container("fresh", start=False, networking=networking)
    stopped = make_container("stopped", networking=networking)
    docker.stop(stopped, timeout=0)
    assert [member.name for member in named("shop").containers] == ["fresh", "stopped"]


def test_our_own_container_is_not_shown_on_a_network(docker, make_container):
    docker.create_network("shop")
    networking = {"shop": docker.create_endpoint_config()}
    make_container("monkey", labels={"containermonkey.self": "1"}, networking=networking)
    assert named("shop").containers == []
    assert [member.name for member in found("shop").containers] == ["monkey"]


def test_dockers_own_networks_are_told_as_such():
    built_in = {network.name: network.built_in for network in list_networks()}
    assert built_in == {"bridge": True, "host": True, "none": True}


def test_words_are_looked_for_everywhere(docker, make_container):
    ipam = {"Driver": "default", "Config": [{"Subnet": "10.78.0.0/16"}]}
    docker.create_network("shop", labels={"tier": "front"}, ipam=ipam)
    make_container("web", networking={"shop": docker.create_endpoint_config()})
    for words in ("SHOP", "10.78", "tier=front", "web bridge"):
        assert [network.name for network in list_networks(words)] == ["shop"]
    assert list_networks("shop nothing") == []


def test_two_calls_whatever_their_number(docker, make_container):
    for number in range(6):
        docker.create_network(f"n{number}")
        networking = {f"n{number}": docker.create_endpoint_config()}
        make_container(f"c{number}", start=False, networking=networking)
    list_networks()  # the first of all asks for the Engine's version too
    with recorded_calls() as calls:
        assert len(list_networks()) == 9
    assert len(calls) == 2


def test_a_network_is_found_by_id_name_and_beginning(docker):
    whole = docker.create_network("shop")["Id"]
    assert {found(reference).id for reference in (whole, "shop", whole[:12])} == {whole}


def test_as_little_of_an_id_is_enough_as_no_other_begins_with(docker):
    ids = [docker.create_network(f"shop{number}")["Id"] for number in range(17)]
    others = [row["Id"] for row in docker.networks() if row["Id"] != ids[0]]
    least = next(length for length in range(1, 65) if not begun_by(ids[0][:length], others))
    assert found(ids[0][:least]).id == ids[0]
    shared = next(digit for digit in "0123456789abcdef" if len(begun_by(digit, ids)) > 1)
    with pytest.raises(Invalid, match=f"Several networks are called “{shared}”"):
        found(shared)


def begun_by(beginning: str, ids: list[str]) -> list[str]:
    return [each for each in ids if each.startswith(beginning)]


@pytest.mark.parametrize("reference", ["sho", "", "../x", "a\0b", "nothing"])
def test_what_is_called_otherwise_is_not_found(docker, reference):
    docker.create_network("shop")
    with pytest.raises(NotFound):
        found(reference)


def test_a_name_goes_before_the_beginning_of_an_id(docker):
    other = docker.create_network("other")["Id"]
    docker.create_network(other[:6])
    assert found(other[:6]).name == other[:6]


def test_of_two_with_one_name_neither_is_guessed(docker):
    ids = [docker.create_network("twin", check_duplicate=False)["Id"] for _ in range(2)]
    with pytest.raises(Invalid, match="Several networks") as refused:
        found("twin")
    assert all(each[:12] in str(refused.value) for each in ids)
    assert found(ids[1]).id == ids[1]

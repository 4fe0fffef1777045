"""networks.services.create_body: what comes back is what was there, on a real Engine"""

from typing import Any

import pytest
from docker import APIClient

from networks.fidelity import differences
from networks.services import create_body

BODIES: dict[str, dict[str, Any]] = {
    "plain": {"Name": "net"},
    "everything": {
        "Name": "net",
        "Driver": "bridge",
        "Internal": True,
        "Attachable": True,
        "EnableIPv6": True,
        "Options": {
            "com.docker.network.bridge.name": "br-test",
            "com.docker.network.driver.mtu": "1400",
        },
        "Labels": {"a": "b", "empty": ""},
        "IPAM": {
            "Driver": "default",
            "Options": {"some": "option"},
            "Config": [
                {
                    "Subnet": "10.90.0.0/16",
                    "IPRange": "10.90.1.0/24",
                    "Gateway": "10.90.0.5",
                    "AuxiliaryAddresses": {"router": "10.90.1.7"},
                },
                {"Subnet": "fd00:90::/64", "Gateway": "fd00:90::5"},
            ],
        },
    },
    "settings for others": {
        "Name": "net",
        "ConfigOnly": True,
        "Labels": {"a": "b"},
        "IPAM": {"Config": [{"Subnet": "10.91.0.0/16"}]},
        "Options": {"com.docker.network.driver.mtu": "1400"},
    },
}


def made(docker: APIClient, body: dict[str, Any]) -> dict[str, Any]:
    response = docker._post_json(docker._url("/networks/create"), data=body)
    return docker.inspect_network(docker._result(response, True)["Id"])


def settings_of(inspect: dict[str, Any]) -> dict[str, Any]:
    """Everything that an inspect says of a network but what differs each time."""
    return {key: value for key, value in inspect.items() if key not in ("Id", "Created")}


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_a_network_made_again_is_the_same(docker, body):
    first = made(docker, body)
    docker.remove_network(first["Id"])
    again = made(docker, create_body(first))
    assert settings_of(again) == settings_of(first)
    assert differences(create_body(first), again) == []


def test_a_network_with_anothers_settings_is_the_same(docker):
    made(docker, BODIES["settings for others"] | {"Name": "settings"})
    first = made(docker, {"Name": "net", "Internal": True, "ConfigFrom": {"Network": "settings"}})
    docker.remove_network(first["Id"])
    again = made(docker, create_body(first))
    assert settings_of(again) == settings_of(first)
    assert again["ConfigFrom"] == {"Network": "settings"}
    docker.remove_network(again["Id"])  # before the one that it depends on


def test_who_is_on_it_is_not_part_of_it(docker, make_container):
    docker.create_network("net")
    make_container("web", networking={"net": docker.create_endpoint_config()})
    assert "Containers" not in create_body(docker.inspect_network("net"))


def test_an_older_engines_gateway_is_made_readable():
    pool = {"Subnet": "fd00::/64", "Gateway": "fd00::1/64"}
    body = create_body({"Name": "net", "IPAM": {"Config": [pool]}})
    assert body["IPAM"]["Config"] == [{"Subnet": "fd00::/64", "Gateway": "fd00::1"}]


def test_every_difference_is_named(docker):
    body = create_body(made(docker, BODIES["everything"]))
    other = body | {"Internal": False, "Labels": {"a": "c"}}
    docker.remove_network("net")
    assert differences(body, made(docker, other)) == [
        "Internal was to be “True” and is “False”.",
        "Labels.a was to be “b” and is “c”.",
    ]

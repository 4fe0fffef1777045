"""No difference where there is none, and every one that is there by its name."""

from copy import deepcopy
from typing import Any

import pytest
from docker import APIClient

from containers.changes import Changes
from containers.create_body import create_body
from containers.endpoints import endpoints
from containers.fidelity import Difference, compare, difference
from tests.arrange import ContainerMaker
from tests.containers.bodies import everything, inspect, make, make_again
from tests.images import build


def differences(old: dict[str, Any], new: dict[str, Any], **options: Any) -> list[Difference]:
    return compare(create_body(old), endpoints(old), new, **options)


@pytest.fixture
def front(docker: APIClient, busybox: str) -> None:
    docker.create_network("front", ipam={"Config": [{"Subnet": "10.77.0.0/24"}]})


@pytest.fixture
def full(front: None) -> dict[str, Any]:
    """A container with everything set."""
    body = everything()
    body["NetworkingConfig"] = {
        "EndpointsConfig": {
            "front": {"Aliases": ["b", "a"], "IPAMConfig": {"IPv4Address": "10.77.0.9"}}
        }
    }
    return make("old", body)


def test_everything_comes_back_without_a_difference(full: dict[str, Any]) -> None:
    assert differences(full, make_again(full, "new")) == []


def test_a_running_container_is_not_different_from_its_description(
    docker: APIClient, front: None, make_container: ContainerMaker
) -> None:
    endpoint = docker.create_endpoint_config(aliases=["www"])
    made = make_container(
        "web", host={"network_mode": "front", "mem_limit": "64m"}, networking={"front": endpoint}
    )
    new = make_again(inspect(made), "new", start=True)
    assert differences(inspect(made), new) == []


@pytest.mark.usefixtures("busybox")
def test_what_the_engine_fills_in_is_no_difference() -> None:
    made = make("bare", {}, start=True)
    bare = {"Image": made["Config"]["Image"], "HostConfig": {}}
    image = {"Cmd": made["Config"]["Cmd"], "Env": made["Config"]["Env"]}
    assert compare(bare, {"bridge": {}}, made, image_config=image) == []


def test_every_setting_that_is_not_as_wanted_is_named(full: dict[str, Any]) -> None:
    wanted = deepcopy(full)
    config, host = wanted["Config"], wanted["HostConfig"]
    config["Labels"] |= {"missing": "label"}
    del config["Labels"]["empty"]
    config["Env"].append("MORE=1")
    config["Cmd"] = ["other"]
    config["Healthcheck"]["Retries"] = 9
    config["StopTimeout"] = 0
    host["Memory"] = 1
    host["CapAdd"].append("SYS_PTRACE")
    host["PortBindings"]["80/tcp"][0]["HostPort"] = "1"
    host["Init"] = None
    host["MemorySwappiness"] = None
    host["MaskedPaths"] = []
    host["Sysctls"]["net.core.somaxconn"] = ""
    front = wanted["NetworkSettings"]["Networks"]["front"]
    front["Aliases"].append("c")
    front["IPAMConfig"]["IPv4Address"] = "10.77.0.8"
    wanted["NetworkSettings"]["Networks"]["back"] = {}
    found = differences(wanted, full)
    assert {each.path for each in found} == {
        "Labels.missing",
        "Labels.empty",
        "Env.MORE",
        "Cmd",
        "Healthcheck.Retries",
        "StopTimeout",
        "HostConfig.Memory",
        "HostConfig.CapAdd",
        "HostConfig.PortBindings.80/tcp",
        "HostConfig.Init",
        "HostConfig.MemorySwappiness",
        "HostConfig.MaskedPaths",
        "HostConfig.Sysctls.net.core.somaxconn",
        "Networks.front.Aliases",
        "Networks.front.IPAMConfig.IPv4Address",
        "Networks.back",
    }


@pytest.mark.usefixtures("busybox")
def test_a_difference_is_said_in_a_sentence() -> None:
    old = make("old", {"Labels": {"a": "1", "b": "2"}, "HostConfig": {"Memory": 64 << 20}})
    new = make("new", {"Labels": {"a": "2", "c": "3"}})
    found = {each.path: each for each in differences(old, new)}
    assert found["Labels.a"].message == "Labels.a is “2”; it should be “1”."
    assert found["Labels.b"].message == "Labels.b is not set; it should be “2”."
    assert found["Labels.c"].message == "Labels.c is “3”, though nothing was asked for."
    assert found["HostConfig.Memory"].as_dict() == {
        "path": "HostConfig.Memory",
        "wanted": 67108864,
        "actual": None,
        "message": "HostConfig.Memory is not set; it should be “67108864”.",
    }


@pytest.mark.usefixtures("busybox")
def test_a_mount_that_is_missing_is_named() -> None:
    old = make("old", {"HostConfig": {"Binds": ["named:/data"]}, "Volumes": {"/nameless": {}}})
    new = make("new", {"Volumes": {"/nameless": {}}})
    paths = {each.path for each in differences(old, new)}
    assert {"HostConfig.Binds", "Mounts./data", "Mounts./nameless"} <= paths


@pytest.mark.usefixtures("busybox")
def test_another_volume_than_the_wanted_one_is_named() -> None:
    old = make("old", {"Volumes": {"/nameless": {}}})
    body = create_body(old)
    new = make_again(old, "new", changes=Changes(volume_names={old["Mounts"][0]["Name"]: "other"}))
    found = {each.path: each for each in compare(body, endpoints(old), new)}
    assert found["Mounts./nameless"].wanted == old["Mounts"][0]["Name"]
    assert found["Mounts./nameless"].actual == "other"


def test_what_another_image_adds_is_named_unless_it_is_expected(docker: APIClient) -> None:
    build(docker, "app:1", ["ENV A=1", "LABEL old=yes"])
    build(docker, "app:2", ["ENV A=1", "ENV B=2", "LABEL new=yes", "EXPOSE 80", "USER 1000"])
    old = make("old", {"Image": "app:1"})
    new = make_again(old, "new", changes=Changes(image="app:2"))
    body = create_body(old, changes=Changes(image="app:2"))
    found = {each.path for each in compare(body, {"bridge": {}}, new)}
    assert found == {"Env.B", "Labels.new", "ExposedPorts", "User"}
    config = docker.inspect_image("app:2")["Config"]
    assert compare(body, {"bridge": {}}, new, image_config=config) == []


def test_a_mac_address_counts_wherever_the_engine_shows_it() -> None:
    mac = "02:42:aa:00:00:01"
    new = {
        "Id": "f" * 64,
        "Config": {"Image": "i", "Entrypoint": ["/x"]},
        "HostConfig": {"NetworkMode": "n"},
        "NetworkSettings": {"Networks": {"n": {"MacAddress": mac, "EndpointID": "e"}}},
    }
    body = {
        "Image": "i",
        "Entrypoint": ["/x"],
        "MacAddress": mac,
        "HostConfig": {"NetworkMode": "n"},
    }
    assert compare(body, {"n": {"MacAddress": mac}}, new) == []
    other = "02:42:aa:00:00:02"
    found = compare(body | {"MacAddress": other}, {"n": {"MacAddress": other}}, new)
    assert {each.path for each in found} == {"MacAddress", "Networks.n.MacAddress"}


def test_the_value_of_a_variable_is_in_no_sentence():
    assert difference("Env.TOKEN", "s3cret", "other").message == (
        "The variable TOKEN is not as wanted."
    )
    assert difference("Env.TOKEN", "s3cret", None).message == "The variable TOKEN is missing."
    assert difference("Env.TOKEN", None, "s3cret").message == (
        "The variable TOKEN is not asked for."
    )
